(** * The check of a reduced network: two scalar programs, run one after the other with one table of activations, have the same outputs. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetries Dynamics Quotient.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** The linear part of the map, as linear polynomials: one for every parameter of the network, with a variable for every parameter of the small one *)
Definition add_entry (k : positive) (e : N * Q) (t : PM.t poly) : PM.t poly :=
  let j := N.succ_pos (fst e) in PM.add j (padd (pscal (snd e) (pvar k)) (Slp.getP t j)) t.
Definition columns (l : list (positive * row)) : PM.t poly := fold_right (fun ka t => fold_right (add_entry (fst ka)) t (r_entries (snd ka))) (PM.empty _) l.
Definition apply_row (cols : PM.t poly) (r : row) : poly := psum (map (fun e => pscal (snd e) (Slp.getP cols (N.succ_pos (fst e)))) (r_entries r)).
Lemma add_entries_ok v k l t j : peval v (Slp.getP (fold_right (add_entry k) t l) j) =
  rsum (fun e => if Pos.eqb j (N.succ_pos (fst e)) then Q2R (snd e) else 0) l * v k + peval v (Slp.getP t j).
Proof.
  induction l as [|e l IH]; unfold rsum in *; cbn [fold_right map]; [ring|]. unfold add_entry at 1. cbv zeta. unfold Slp.getP at 1.
  destruct (Pos.eqb_spec j (N.succ_pos (fst e))) as [<-|D].
  - rewrite PM.gss, padd_ok, pscal_ok, pvar_ok, IH. ring.
  - rewrite PM.gso by exact D. fold (Slp.getP (fold_right (add_entry k) t l) j). rewrite IH. ring.
Qed.
Lemma columns_ok v l j : peval v (Slp.getP (columns l) j) = rsum (fun ka => coefficients (snd ka) j * v (fst ka)) l.
Proof.
  unfold columns. induction l as [|[k a] l IH]; cbn [fold_right fst snd].
  - unfold Slp.getP. rewrite PM.gempty. reflexivity.
  - rewrite add_entries_ok, IH. unfold rsum at 3. cbn [map fold_right fst snd]. reflexivity.
Qed.
Lemma number_delta {A} (f : A -> R) d i : forall l k, rsum (fun ka => f (snd ka) * ebasis i (fst ka)) (number k l) =
  if (Pos.ltb i k || Nat.leb (length l) (Pos.to_nat i - Pos.to_nat k))%bool then 0 else f (nth (Pos.to_nat i - Pos.to_nat k) l d).
Proof.
  unfold rsum. induction l as [|a l IH]; intros k; cbn [number map fold_right fst snd length].
  - destruct (Pos.ltb_spec i k); [reflexivity|]. now destruct (_ - _)%nat.
  - rewrite IH. unfold ebasis. destruct (Pos.eqb_spec k i) as [->|D].
    + rewrite Pos.ltb_irrefl, Nat.sub_diag. destruct (Pos.ltb_spec i (Pos.succ i)); [|lia]. cbn [orb Nat.leb nth]. ring.
    + destruct (Pos.ltb_spec i k), (Pos.ltb_spec i (Pos.succ k)); try lia; cbn [orb]; [ring|].
      replace (Pos.to_nat i - Pos.to_nat k)%nat with (S (Pos.to_nat i - Pos.to_nat (Pos.succ k))) by lia. cbn [Nat.leb nth]. ring.
Qed.
Lemma apply_row_ok q r p : (N.to_nat p < length q)%nat ->
  peval (ebasis (N.succ_pos p)) (apply_row (columns (number 1 q)) r) = row_of r (coefficients (form q p)).
Proof.
  intros Hp. unfold apply_row, row_of. rewrite psum_ok, map_map. unfold lsum. unfold rsum at 1. f_equal. apply map_ext. intros e.
  rewrite pscal_ok, columns_ok. f_equal. rewrite (number_delta (fun a => coefficients a (N.succ_pos (fst e))) {| r_constant := 0; r_entries := [] |}).
  replace (Pos.to_nat (N.succ_pos p) - Pos.to_nat 1)%nat with (N.to_nat p) by (destruct p; simpl; lia).
  destruct (Pos.ltb_spec (N.succ_pos p) 1); [lia|]. destruct (Nat.leb_spec (length q) (N.to_nat p)); [lia|]. reflexivity.
Qed.
Fixpoint all_numbered {A} (f : positive -> A -> bool) (k : positive) (l : list A) : bool :=
  match l with [] => true | a :: l' => (f k a && all_numbered f (Pos.succ k) l')%bool end.
Lemma all_numbered_ok {A} (f : positive -> A -> bool) l n a : forall k, all_numbered f k l = true -> nth_error l n = Some a -> f (Pos.of_nat (Pos.to_nat k + n)) a = true.
Proof.
  revert n. induction l as [|b l IH]; intros [|n] k H Hn; cbn in *; try discriminate; apply andb_prop in H as [H1 H2].
  - injection Hn as ->. now rewrite Nat.add_0_r, Pos2Nat.id.
  - specialize (IH n (Pos.succ k) H2 Hn). now replace (Pos.to_nat k + S n)%nat with (Pos.to_nat (Pos.succ k) + n)%nat by lia.
Qed.
Lemma one_plus p : Pos.of_nat (Pos.to_nat 1 + N.to_nat p) = N.succ_pos p.
Proof. destruct p as [|p]; [reflexivity|]. change (Pos.to_nat 1) with 1%nat. cbn [N.to_nat N.succ_pos plus]. rewrite Nat2Pos.inj_succ by lia. now rewrite Pos2Nat.id. Qed.
Definition check_map (q : list row) (metric : list Q) (L : subspace) : bool :=
  (let cols := columns (number 1 q) in
   forallb (fun r => pis0 (apply_row cols r)) (s_rows L)
   && all_numbered (fun k am => peqb (apply_row cols (fst am)) (pscal (snd am) (pvar k)) && negb (qzero (snd am))) 1 (combine q metric))%bool.
Lemma check_map_ok q metric L P : check_map q metric L = true -> length q = N.to_nat P -> length metric = N.to_nat P ->
  (forall p r, In p (upto P) -> In r (s_rows L) -> row_of r (coefficients (form q p)) = 0) /\
  (forall p p', In p (upto P) -> In p' (upto P) -> row_of (form q p) (coefficients (form q p')) = if N.eqb p p' then Q2R (at_ metric p 0%Q) else 0) /\
  forall p, In p (upto P) -> Q2R (at_ metric p 0%Q) <> 0.
Proof.
  unfold check_map. cbv zeta. intros H Hq Hm. apply andb_prop in H as [H1 H2]. rewrite forallb_forall in H1.
  assert (K : forall p, In p (upto P) -> peqb (apply_row (columns (number 1 q)) (form q p)) (pscal (at_ metric p 0%Q) (pvar (N.succ_pos p))) = true /\ qzero (at_ metric p 0%Q) = false).
  { intros p Hp. apply in_upto in Hp.
    assert (E : nth_error (combine q metric) (N.to_nat p) = Some (form q p, at_ metric p 0%Q)).
    { unfold form, at_. rewrite <- combine_nth by congruence. apply nth_error_nth'. rewrite combine_length. lia. }
    apply (all_numbered_ok _ _ _ _ _ H2) in E. cbn [fst snd] in E. apply andb_prop in E as [E1 E2]. apply negb_true_iff in E2.
    replace (Pos.of_nat (Pos.to_nat 1 + N.to_nat p)) with (N.succ_pos p) in E1 by (symmetry; apply one_plus). now split. }
  split; [|split].
  - intros p r Hp Hr. apply in_upto in Hp. rewrite <- apply_row_ok by lia. now apply pis0_ok, H1.
  - intros p p' Hp Hp'. rewrite <- apply_row_ok by (apply in_upto in Hp'; lia). rewrite (peqb_ok _ _ _ (proj1 (K p Hp))), pscal_ok, pvar_ok. unfold ebasis.
    destruct (N.eqb_spec p p') as [->|D]; [rewrite Pos.eqb_refl; ring|].
    destruct (Pos.eqb_spec (N.succ_pos p) (N.succ_pos p')) as [E|_]; [|ring]. exfalso. apply D. now apply succ_pos_inj.
  - intros p Hp. apply qzero_false. now apply K.
Qed.

(** ** Q theta in the free coordinates of the subspace *)
Definition affine_leaf (leaf : positive -> poly) (a : row) : poly :=
  psum (pcst (r_constant a) :: map (fun e => pscal (snd e) (leaf (N.succ_pos (fst e)))) (r_entries a)).
Definition image_leaves (leaf : positive -> poly) (q : list row) : PM.t poly := fold_right (fun ka t => PM.add (fst ka) (affine_leaf leaf (snd ka)) t) (PM.empty _) (number 1 q).
Lemma find_number {A B} (g : A -> B) j : forall l k, PM.find j (fold_right (fun ka t => PM.add (fst ka) (g (snd ka)) t) (PM.empty _) (number k l)) =
  if Pos.ltb j k then None else option_map g (nth_error l (Pos.to_nat j - Pos.to_nat k)).
Proof.
  induction l as [|a l IH]; intros k; cbn [number fold_right fst snd].
  - rewrite PM.gempty. destruct (Pos.ltb j k); [reflexivity|]. now destruct (_ - _)%nat.
  - destruct (Pos.eq_dec j k) as [->|D].
    + rewrite PM.gss, Pos.ltb_irrefl, Nat.sub_diag. reflexivity.
    + rewrite PM.gso, IH by exact D. destruct (Pos.ltb_spec j k), (Pos.ltb_spec j (Pos.succ k)); try lia; [reflexivity|].
      now replace (Pos.to_nat j - Pos.to_nat k)%nat with (S (Pos.to_nat j - Pos.to_nat (Pos.succ k))) by lia.
Qed.
Lemma image_leaves_ok v leaf q theta j : (forall i, peval v (leaf i) = theta i) -> peval v (Slp.getP (image_leaves leaf q) j) = image q theta j.
Proof.
  intros H. unfold Slp.getP, image_leaves. rewrite find_number. destruct (Pos.ltb_spec j 1); [lia|]. unfold image, form, at_. cbv zeta.
  replace (N.to_nat (Pos.pred_N j)) with (Pos.to_nat j - Pos.to_nat 1)%nat by lia.
  destruct (nth_error q (Pos.to_nat j - Pos.to_nat 1)) as [a|] eqn:E; cbn [option_map].
  - rewrite (nth_error_nth _ _ _ E). unfold affine_leaf. rewrite psum_ok. cbn [map]. unfold lsum. cbn [fold_right]. rewrite pcst_ok, Rplus_comm. f_equal.
    rewrite map_map. unfold row_of, rsum. f_equal. apply map_ext. intros e. now rewrite pscal_ok, H.
  - rewrite nth_overflow by now apply nth_error_None. unfold row_of, rsum. cbn. rewrite Q2R_0. ring.
Qed.

(** ** Two programs *)
Section Two.
Variable par : Slp.parity.
Variables prog1 prog2 : Slp.prog.
Variables L1 L2 : Slp.leaves.
Definition run_first : Slp.st := Slp.exec L1 par false 1 prog1 (Slp.st0 []).
Definition run_second (S : Slp.st) : Slp.st := Slp.exec L2 par true 1 prog2 (Slp.st0 (Slp.table S)).
Variable s : positive -> bool -> R -> R.
Hypothesis Hs : Slp.parity_ok s par.
Hypothesis W1 : Slp.wf_from 1 prog1 = true.
Hypothesis W2 : Slp.wf_from 1 prog2 = true.
Variables u x th1 th2 : vec.
Let E1 := Slp.unroll prog1.
Let E2 := Slp.unroll prog2.
Definition argument (a : positive) : positive * R :=
  match a with
  | n~0 => Checks.atom_arg s E1 th1 x n
  | n~1 => Checks.atom_arg s E2 th2 x n
  | xH => (1%positive, 0%R)
  end%positive.
Let r : positive -> R := Slp.val u x (fun a d => s (fst (argument a)) d (snd (argument a))).
Hypothesis HT1 : forall i, peval r (Slp.lT L1 i) = th1 i.
Hypothesis HX1 : forall j, peval r (Slp.lX L1 j) = x j.
Hypothesis HT2 : forall i, peval r (Slp.lT L2 i) = th2 i.
Hypothesis HX2 : forall j, peval r (Slp.lX L2 j) = x j.
Lemma two_runs :
  (forall o, (o < Slp.advance 1 prog1)%positive -> peval r (Slp.getP (Slp.vals run_first) o) = evalE s th1 x (E1 o)) /\
  (forall o, (o < Slp.advance 1 prog2)%positive -> peval r (Slp.getP (Slp.vals (run_second run_first)) o) = evalE s th2 x (E2 o)).
Proof.
  assert (Hr : forall a d, r (Slp.vA d a) = s (fst (argument a)) d (snd (argument a))) by (intros a d; unfold r, Slp.vA; now destruct d).
  destruct (Slp.exec_ok s par Hs argument E1 r th1 x Hr) with (L := L1) (tag := false) (p := prog1) (next := 1%positive) (S := Slp.st0 []) as (A1 & B1 & T1).
  - exact HT1.
  - exact HX1.
  - intros n k a H. unfold Slp.tagged, argument, Checks.atom_arg. now rewrite H.
  - exact W1.
  - apply Slp.covers_unroll, W1.
  - intros n Hn; lia.
  - intros n k a Hn; lia.
  - intros k p a [].
  - destruct (Slp.exec_ok s par Hs argument E2 r th2 x Hr) with (L := L2) (tag := true) (p := prog2) (next := 1%positive) (S := Slp.st0 (Slp.table run_first)) as (A2 & _).
    + exact HT2.
    + exact HX2.
    + intros n k a H. unfold Slp.tagged, argument, Checks.atom_arg. now rewrite H.
    + exact W2.
    + apply Slp.covers_unroll, W2.
    + intros n Hn; lia.
    + intros n k a Hn; lia.
    + exact T1.
    + split; [exact A1|exact A2].
Qed.
End Two.

(** ** From array models *)
Definition compiled (m : model) (treat : text -> option treatment) : option (Slp.prog * list (list positive)) :=
  match compile m treat with
  | Some (prog, outs) => if (Slp.wf_from 1 prog && forallb (fun o => Pos.ltb o (Slp.advance 1 prog)) (List.concat outs))%bool then Some (prog, outs) else None
  | None => None
  end.
Lemma compiled_entry m treat prog outs : compiled m treat = Some (prog, outs) -> Slp.wf_from 1 prog = true /\
  forall k i, output_entry m k i -> exists ps o, nth_error outs (N.to_nat k) = Some ps /\ nth_error ps (N.to_nat i) = Some o /\ (o < Slp.advance 1 prog)%positive /\
  forall s sigma, (forall f, treated s treat sigma f) -> forall th x, den (Slp.unroll prog) s th x (regular m sigma th x) o (F m sigma x k i th).
Proof.
  unfold compiled. destruct (compile m treat) as [[p os]|] eqn:Ec; [|easy]. destruct (_ && _)%bool eqn:W; [|easy]. intros [= <- <-]. apply andb_prop in W as [W Wo].
  split; [exact W|]. intros k i (n & Hn & Hi). rewrite forallb_forall in Wo.
  destruct (forall2_nth _ _ _ _ _ (compile_lengths _ _ _ _ Ec) Hn) as (ps & Hps & Hl).
  destruct (nth_error ps (N.to_nat i)) as [o|] eqn:Eo; [|apply nth_error_None in Eo; lia]. exists ps, o. split; [exact Hps|]. split; [exact Eo|]. split.
  - apply Pos.ltb_lt, Wo, in_concat. exists ps. split; eapply nth_error_In; eauto.
  - intros s sigma Ht th x. unfold F, at_. rewrite (nth_error_nth _ _ _ Hn). destruct (compile_sound m treat p os Ec W s sigma th x Ht) as [C _].
    destruct (forall2_nth _ _ _ _ _ C Hn) as (ps' & Hps' & K). rewrite Hps in Hps'. injection Hps' as <-.
    destruct (forall2_nth _ _ _ _ _ K (nth_error_upto _ _ Hi)) as (o' & Ho' & D). congruence.
Qed.
Definition two_states (m : model) (assumptions : list (text * assumption)) (q : list row) (L : subspace) (prog1 prog2 : Slp.prog) : Slp.st * Slp.st :=
  let facts := scalar_facts m assumptions in
  let par k := match Checks.assoc k facts with Some f => f | None => Slp.no_facts end in
  let leaves := subspace_leaves L in
  let images := image_leaves (Checks.subst_leaf leaves) q in
  let S1 := run_first par prog1 {| Slp.lT := Checks.subst_leaf leaves; Slp.lX := Checks.idX |} in
  (S1, run_second par prog2 {| Slp.lT := Slp.getP images; Slp.lX := Checks.idX |} S1).
Definition check_values (all : bool) (m : model) (assumptions : list (text * assumption)) (q : list row) (small : model) (L : subspace) : bool :=
  let treat := treatment_of all m assumptions in
  match compiled m treat, compiled small treat with
  | Some (prog1, outs1), Some (prog2, outs2) =>
    let '(S1, S2) := two_states m assumptions q L prog1 prog2 in
    same_list (same_list (fun a b => peqb (Slp.getP (Slp.vals S1) a) (Slp.getP (Slp.vals S2) b))) outs1 outs2
  | _, _ => false
  end.
(** an entry of the outputs of both networks, as scalar expressions that agree on the subspace *)
Theorem check_values_sound all m assumptions q small L : check_values all m assumptions q small L = true ->
  forall k i, output_entry m k i -> output_entry small k i -> forall sigma, admissible m assumptions sigma -> forall x, exists e1 e2,
  (forall th, evalE (scalar_s m assumptions sigma) th x e1 = F m sigma x k i th /\ (regular m sigma th x -> smooth_at (scalar_s m assumptions sigma) th x e1)) /\
  (forall th, evalE (scalar_s m assumptions sigma) th x e2 = F small sigma x k i th /\ (regular small sigma th x -> smooth_at (scalar_s m assumptions sigma) th x e2)) /\
  forall theta, in_subspace L theta -> evalE (scalar_s m assumptions sigma) theta x e1 = evalE (scalar_s m assumptions sigma) (image q theta) x e2.
Proof.
  unfold check_values, two_states. cbv zeta. destruct (compiled m _) as [[prog1 outs1]|] eqn:C1; [|easy]. destruct (compiled small _) as [[prog2 outs2]|] eqn:C2; [|easy].
  intros H k i H1 H2 sigma Ha x. destruct (compiled_entry _ _ _ _ C1) as [W1 K1]. destruct (compiled_entry _ _ _ _ C2) as [W2 K2].
  destruct (K1 k i H1) as (ps1 & o1 & Hp1 & Ho1 & Hlt1 & D1). destruct (K2 k i H2) as (ps2 & o2 & Hp2 & Ho2 & Hlt2 & D2).
  assert (T := treatment_ok m assumptions sigma Ha all). exists (Slp.unroll prog1 o1), (Slp.unroll prog2 o2).
  split; [intros th; exact (D1 _ _ T th x)|]. split; [intros th; exact (D2 _ _ T th x)|]. intros theta Hth.
  apply same_list_ok in H. destruct (forall2_nth _ _ _ _ _ H Hp1) as (ps2' & Hp2' & H'). rewrite Hp2 in Hp2'. injection Hp2' as <-. cbv beta in H'.
  apply same_list_ok in H'. destruct (forall2_nth _ _ _ _ _ H' Ho1) as (o2' & Ho2' & E). rewrite Ho2 in Ho2'. injection Ho2' as <-. cbv beta in E.
  match type of E with peqb (Slp.getP (Slp.vals (run_first ?p _ ?a)) _) (Slp.getP (Slp.vals (run_second _ _ ?b _)) _) = _ => set (par := p) in *; set (A := a) in *; set (B := b) in * end.
  assert (Hs : Slp.parity_ok (scalar_s m assumptions sigma) par) by now apply (scalar_par_ok m assumptions sigma Ha).
  destruct (two_runs par prog1 prog2 A B (scalar_s m assumptions sigma) Hs W1 W2 theta x theta (image q theta)) as [R1 R2].
  - intros j. now apply subspace_leaves_ok.
  - intros j. unfold A, Checks.idX. cbn [Slp.lX]. now rewrite pvar_ok.
  - intros j. unfold B. cbn [Slp.lT]. apply image_leaves_ok. intros i'. now apply subspace_leaves_ok.
  - intros j. unfold B, Checks.idX. cbn [Slp.lX]. now rewrite pvar_ok.
  - rewrite <- (R1 o1 Hlt1), <- (R2 o2 Hlt2). now apply peqb_ok.
Qed.

(** ** The claim *)
Lemma same_shape_ok a b : same_shape a b = true -> a = b.
Proof. intros H. apply same_list_ok in H. induction H as [|x y l l' E H IH]; [reflexivity|]. apply N.eqb_eq in E as ->. now f_equal. Qed.
Lemma entry_gradient (f : vec -> R) s th x e : (forall u, f u = evalE s u x e) -> smooth_at s th x e ->
  (forall p, ex_partial f (N.succ_pos p) th /\ partial_p f p th = tanE s th x (ebasis (N.succ_pos p)) e) /\
  forall r, row_gradient r f th = tanE s th x (rowvec (scalar_row r)) e.
Proof.
  intros Hf Hs. assert (P : forall p, ex_partial f (N.succ_pos p) th /\ partial_p f p th = tanE s th x (ebasis (N.succ_pos p)) e).
  { intros p. split.
    - unfold ex_partial. apply (ex_derive_ext (fun t => evalE s (upd th (N.succ_pos p) t) x e)); [intros t; symmetry; apply Hf|].
      eexists. now apply is_derive_partial_at.
    - rewrite <- partial_tan_at by exact Hs. unfold partial_p. now apply partial_ext. }
  split; [exact P|]. intros r. rewrite <- dot_grad_at by exact Hs. rewrite dot_scalar_row. unfold row_gradient. apply rsum_ext. intros [p c] _. cbn [fst snd].
  rewrite (proj2 (P p)). unfold grad. now rewrite partial_tan_at by exact Hs.
Qed.
Definition check_invariance (m : model) (assumptions : list (text * assumption)) (L : subspace) (i : invariance) : bool :=
  match i with
  | InvSymmetry gs => check_symmetries m assumptions (map (fun g => (g, g_nodes g)) gs) (Some L)
  | InvCongruence => check_identity false m assumptions L
  | InvIdentity => check_identity true m assumptions L
  end.
Lemma check_invariance_sound m assumptions L i : check_invariance m assumptions L i = true -> forall sigma, admissible m assumptions sigma -> invariant_for m L sigma.
Proof.
  destruct i; intros H sigma Ha.
  - apply check_symmetries_sound in H. now apply (proj2 H).
  - now apply (check_identity_sound false _ _ _ H).
  - now apply (check_identity_sound true _ _ _ H).
Qed.
(** the conditions of the format are checked again, so that nothing is assumed of a certificate *)
Definition check_reduction (all : bool) (m : model) (assumptions : list (text * assumption)) (q : list row) (metric : list Q) (small : model) (L : subspace) : bool :=
  (reduction_ok m q metric small && subspace_ok m L && check_map q metric L && check_values all m assumptions q small L)%bool.

Lemma onto q metric L M P : check_map q metric L = true -> length q = N.to_nat P -> length metric = N.to_nat P -> (exists base, in_subspace L base) ->
  (forall p e, In p (upto P) -> In e (r_entries (form q p)) -> (fst e < M)%N) ->
  forall v, exists theta, in_subspace L theta /\ forall p, In p (upto P) -> entry (image q theta) p = entry v p.
Proof.
  intros H Hq Hm (base & Hb) _ v. destruct (check_map_ok q metric L P H Hq Hm) as (H1 & H2 & H3).
  set (c := fun p => (entry v p - entry (image q base) p) / Q2R (at_ metric p 0%Q)).
  set (d := fun j => rsum (fun p => c p * coefficients (form q p) j) (upto P)).
  exists (fun j => base j + 1 * d j). split.
  - apply (line_in L); [exact Hb|]. intros r Hr. unfold d. rewrite row_of_combination. apply rsum_zero. intros p Hp.
    change (c p * row_of r (coefficients (form q p)) = 0). rewrite (H1 p r Hp Hr). ring.
  - intros p Hp. unfold entry at 1. rewrite image_line. unfold linear_image. rewrite pred_succ. unfold d. rewrite row_of_combination.
    assert (E : rsum (fun p' => c p' * row_of (form q p) (coefficients (form q p'))) (upto P) = c p * Q2R (at_ metric p 0%Q)).
    { transitivity (rsum (fun p' => (if N.eqb p p' then 1 else 0) * (c p' * Q2R (at_ metric p 0%Q))) (upto P)).
      - apply rsum_ext. intros p' Hp'. rewrite (H2 p p' Hp Hp'). destruct (N.eqb p p'); ring.
      - apply in_upto in Hp. now rewrite rsum_delta. }
    match goal with |- _ + 1 * ?z = _ => replace z with (c p * Q2R (at_ metric p 0%Q)) by (symmetry; exact E) end.
    unfold c. fold (entry (image q base) p). field. now apply H3.
Qed.
Theorem check_reduction_sound all m assumptions q metric small L : check_reduction all m assumptions q metric small L = true ->
  forall sigma, admissible m assumptions sigma -> invariant_for m L sigma -> quotient_for m q metric small L sigma.
Proof.
  unfold check_reduction. intros H sigma Ha Inv. apply andb_prop in H as [[[Hred Hsub]%andb_prop Hmap]%andb_prop Hval].
  unfold reduction_ok in Hred.
  apply andb_prop in Hred as [[[[[[[_ _]%andb_prop Houts]%andb_prop _]%andb_prop Hlen]%andb_prop Hmetric]%andb_prop Hrows]%andb_prop _].
  apply has_length_ok in Hlen, Hmetric. assert (Lq : length q = N.to_nat (dimension small)) by lia. assert (Lm : length metric = N.to_nat (dimension small)) by lia.
  destruct (check_map_ok q metric L (dimension small) Hmap Lq Lm) as (Hdir & Hmet & _).
  assert (Range : forall r e, In r (s_rows L) -> In e (r_entries r) -> (fst e < dimension m)%N).
  { intros r e Hr He. unfold subspace_ok in Hsub. cbv zeta in Hsub. apply andb_prop in Hsub as [[[Hsub _]%andb_prop _]%andb_prop _].
    rewrite forallb_forall in Hsub. specialize (Hsub r Hr). unfold row_ok in Hsub. apply andb_prop in Hsub as [_ Hsub]. rewrite forallb_forall in Hsub.
    specialize (Hsub e He). apply andb_prop in Hsub as [Hsub _]. now apply N.ltb_lt. }
  assert (Range' : forall p e, In p (upto (dimension small)) -> In e (r_entries (form q p)) -> (fst e < dimension m)%N).
  { intros p e Hp He. apply in_upto in Hp. rewrite forallb_forall in Hrows. specialize (Hrows (form q p)).
    assert (Hin : In (form q p) q) by (apply nth_In; lia). specialize (Hrows Hin). apply andb_prop in Hrows as [Hrows _]. unfold sparse_ok in Hrows.
    apply andb_prop in Hrows as [_ Hrows]. rewrite forallb_forall in Hrows. specialize (Hrows e He). apply andb_prop in Hrows as [Hrows _]. now apply N.ltb_lt. }
  assert (Iff : forall k i, output_entry m k i <-> output_entry small k i).
  { apply same_list_ok in Houts. intros k i. split; intros (n & Hn & Hi).
    - assert (Hl := forall2_length _ _ _ Houts). destruct (nth_error (m_outputs small) (N.to_nat k)) as [n'|] eqn:E.
      2:{ apply nth_error_None in E. assert (N.to_nat k < length (m_outputs m))%nat by (apply nth_error_Some; congruence). lia. }
      exists n'. split; [exact E|]. destruct (forall2_nth _ _ _ _ _ Houts E) as (n2 & E2 & S). rewrite Hn in E2. injection E2 as <-. apply same_shape_ok in S. now rewrite S.
    - destruct (forall2_nth _ _ _ _ _ Houts Hn) as (n2 & E2 & S). exists n2. split; [exact E2|]. apply same_shape_ok in S. now rewrite <- S. }
  assert (V := check_values_sound all m assumptions q small L Hval).
  unfold quotient_for. cbv zeta. split; [exact Inv|]. split; [exact Iff|]. split.
  { intros theta Hth x k i Hki. destruct (V k i Hki (proj1 (Iff k i) Hki) sigma Ha x) as (e1 & e2 & D1 & D2 & E).
    rewrite <- (proj1 (D1 theta)), <- (proj1 (D2 (image q theta))). now apply E. }
  split; [exact Hdir|]. split; [exact Hmet|]. split.
  { apply (onto q metric L (dimension m)); auto. exists (base L). now apply (base_in m). }
  intros theta Hth x Hr Hr' k i Hki. destruct (V k i Hki (proj1 (Iff k i) Hki) sigma Ha x) as (e1 & e2 & D1 & D2 & E).
  destruct (Inv theta Hth x Hr k i Hki) as [_ Hinv].
  destruct (entry_gradient (F m sigma x k i) _ theta x e1 (fun u => eq_sym (proj1 (D1 u))) (proj2 (D1 theta) Hr)) as [G1 R1].
  destruct (entry_gradient (F small sigma x k i) _ (image q theta) x e2 (fun u => eq_sym (proj1 (D2 u))) (proj2 (D2 (image q theta)) Hr')) as [G2 _].
  split; [intros p _; apply G2|]. split.
  - intros p Hp. rewrite (proj2 (G1 p)).
    rewrite (gradient_back (dimension m) (dimension small) q L Hdir Lq Range Range' (scalar_s m assumptions sigma) x e1 e2 E theta Hth (proj2 (D1 theta) Hr) (proj2 (D2 _) Hr')) by
      (try exact Hp; intros r Hin; rewrite <- R1; now apply Hinv).
    apply rsum_ext. intros p' _. now rewrite (proj2 (G2 p')).
  - intros p Hp. rewrite R1, (proj2 (G2 p)). apply (gradient_forth (dimension small) q metric L Hdir Hmet Lq) with (theta := theta); auto; [exact (proj2 (D1 theta) Hr)|exact (proj2 (D2 _) Hr')].
Qed.
Lemma same_q_ok a b : same_q a b = true -> a = b.
Proof. unfold same_q. intros H. apply andb_prop in H as [H1 H2]. apply Z.eqb_eq in H1. apply Pos.eqb_eq in H2. destruct a, b; cbn in *. now subst. Qed.
Lemma definition_eqb_ok d e : definition_eqb d e = true -> d = e.
Proof.
  destruct d as [c|c|p q|n], e as [c'|c'|p' q'|n']; cbn [definition_eqb]; try discriminate; intros H.
  - f_equal. destruct c, c'; try discriminate; reflexivity.
  - f_equal. apply same_list_ok in H. induction H as [|x y l l' E H IH]; [reflexivity|]. apply same_q_ok in E as ->. now f_equal.
  - apply andb_prop in H as [H1 H2]. apply same_q_ok in H1, H2. now subst.
  - apply text_eqb_ok in H. now subst.
Qed.
Lemma small_admissible m assumptions q metric small sigma : reduction_ok m q metric small = true -> admissible m assumptions sigma -> admissible small assumptions sigma.
Proof.
  unfold reduction_ok. intros H Ha f d Hin. apply andb_prop in H as [[[[[_ H]%andb_prop _]%andb_prop _]%andb_prop _]%andb_prop _].
  rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. destruct (find f (m_activations m)) as [d'|] eqn:E; [|discriminate].
  apply definition_eqb_ok in H as ->. exact (Ha f d' (find_in _ _ _ E)).
Qed.
