(** * Refutation of invariance by a witness (methods rational and residue). *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii String Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks Duals Intervals Enclosure.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope R_scope.

Definition shapes : list (string * Duals.shape) :=
  [("reciprocal", Duals.Inverse); ("exp", Duals.Exponential Duals.Exp); ("expm1", Duals.Exponential Duals.Expm1);
   ("tanh", Duals.Exponential Duals.Tanh); ("sigmoid", Duals.Exponential Duals.Sigmoid); ("silu", Duals.Exponential Duals.Silu);
   ("sinh", Duals.Exponential Duals.Sinh); ("cosh", Duals.Exponential Duals.Cosh); ("gaussian", Duals.Exponential Duals.Gaussian);
   ("sin", Duals.Exponential Duals.Sin); ("cos", Duals.Exponential Duals.Cos);
   ("arctan", Duals.Exponential Duals.Arctan); ("softplus", Duals.Exponential Duals.Softplus); ("logcosh", Duals.Exponential Duals.Logcosh);
   ("rsqrt", Duals.Exponential Duals.Rsqrt); ("erf", Duals.Exponential Duals.Erf); ("gelu", Duals.Exponential Duals.Gelu)].
Lemma shapes_ok n h : find n (map (fun e => (txt (fst e), snd e)) shapes) = Some h ->
  exists g, function_of (Named n) = Some g /\ forall t, g t = Duals.shape_fun h t.
Proof.
  intros H. apply find_in in H. unfold shapes in H. cbn [map fst snd In] in H.
  repeat (destruct H as [H|H]; [injection H as <- <-; eexists; split; [reflexivity|intros t; reflexivity]|]). destruct H.
Qed.

Section Members.
Variable m : model.
Variable members : list (text * list Q).
Definition no_polynomial : list Q := [].
Definition member_sigma (f : text) : R -> R :=
  match find f (m_activations m) with
  | Some (Class _) => polynomial (match find f members with Some c => c | None => no_polynomial end)
  | Some d => match function_of d with Some g => g | None => fun _ => 0 end
  | None => fun _ => 0
  end.
Definition member_treatment (f : text) : option treatment :=
  match find f (m_activations m), position f (m_activations m) 1 with
  | Some (Class _), Some _ => Some (Expand (match find f members with Some c => c | None => no_polynomial end))
  | Some (Polynomial c), Some _ => Some (Expand c)
  | Some _, Some j => Some (Atom j)
  | _, _ => None
  end.
Definition shape_of_definition (d : definition) : option Duals.shape :=
  match d with
  | Piecewise s t => Some (Duals.Kink s t)
  | Named n => find n (map (fun e => (txt (fst e), snd e)) shapes)
  | _ => None
  end.
Definition activation_name (k : positive) : text :=
  match nth_error (m_activations m) (pred (Pos.to_nat k)) with Some (f, _) => f | None => [] end.
Definition member_shape (k : positive) : option Duals.shape :=
  match nth_error (m_activations m) (pred (Pos.to_nat k)) with
  | Some (f, _) => match find f (m_activations m) with Some d => shape_of_definition d | None => None end
  | None => None
  end.
Definition member_s (k : positive) (d : bool) : R -> R := if d then Derive (member_sigma (activation_name k)) else member_sigma (activation_name k).

Lemma member_treated f : treated member_s member_treatment member_sigma f.
Proof.
  unfold treated, member_treatment. destruct (find f (m_activations m)) as [d|] eqn:Ed; [|exact I].
  destruct (position f (m_activations m) 1) as [j|] eqn:Ep; [|destruct d; exact I].
  assert (A : member_s j false = member_sigma f /\ (forall t, ex_derive (member_sigma f) t -> is_derive (member_sigma f) t (member_s j true t))).
  { apply position_ok in Ep as (_ & d' & Hn). unfold member_s, activation_name.
    replace (Pos.to_nat j - Pos.to_nat 1)%nat with (pred (Pos.to_nat j)) in Hn by lia. rewrite Hn.
    split; [reflexivity|]. intros t. apply Derive_correct. }
  destruct d as [c|c|p q|n]; try exact A; intros t; unfold member_sigma; rewrite Ed; reflexivity.
Qed.
Lemma member_shapes k h : member_shape k = Some h ->
  (forall t, member_s k false t = Duals.shape_fun h t) /\
  forall t d, is_derive (Duals.shape_fun h) t d -> member_s k true t = d.
Proof.
  unfold member_shape, member_s, activation_name. destruct (nth_error _ _) as [[f d0]|]; [|easy].
  destruct (find f (m_activations m)) as [d|] eqn:Ed; [|easy]. intros H.
  assert (G : forall t, member_sigma f t = Duals.shape_fun h t).
  { intros t. unfold member_sigma. rewrite Ed. destruct d as [c|c|p q|n]; cbn [shape_of_definition] in H; try easy.
    - now injection H as <-.
    - destruct (shapes_ok n h H) as (g & Hg & Hs). now rewrite Hg. }
  split; [exact G|]. intros t e He. apply is_derive_unique. apply (is_derive_ext (Duals.shape_fun h)); [intros; symmetry; apply G|exact He].
Qed.

Definition members_ok : bool :=
  distinct text_eqb (map fst (m_activations m)) &&
  forallb (fun e => match snd e with
    | Class c => match find (fst e) members with
                 | Some p => forallb (has (own_facts (Polynomial p))) (class_facts c) | None => false end
    | _ => true end) (m_activations m).
Definition all_treated : bool := forallb (fun n => match n with
  | NApply _ _ f _ => match member_treatment f with Some _ => true | None => false end | _ => true end) (m_nodes m).
Lemma find_distinct {A} (l : list (text * A)) f d : distinct text_eqb (map fst l) = true -> In (f, d) l -> find f l = Some d.
Proof.
  induction l as [|[g e] l IH]; cbn [map distinct find fst]; [easy|]. intros H Hin. apply andb_prop in H as [H1 H2].
  destruct Hin as [[= -> ->]|Hin].
  - assert (text_eqb f f = true) as -> by now apply text_eqb_ok. reflexivity.
  - destruct (text_eqb f g) eqn:E; [|auto]. apply text_eqb_ok in E as ->. apply negb_true_iff in H1.
    assert (existsb (text_eqb g) (map fst l) = true); [|congruence]. apply existsb_exists. exists g. split; [|now apply text_eqb_ok].
    now apply (in_map fst) in Hin.
Qed.
Lemma members_polynomial : members_ok = true ->
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  polynomial_members m member_sigma.
Proof.
  unfold members_ok. intros H Hf f d Hin. apply andb_prop in H as [Hd H]. rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H.
  assert (Ed := find_distinct _ f d Hd Hin). specialize (Hf f d Hin).
  destruct d as [c|c|p q|n]; try (destruct Hf as (g & Hg); exists g; split; [exact Hg|]; intros t; unfold member_sigma; now rewrite Ed, Hg).
  destruct (find f members) as [p|] eqn:Ep; [|easy].
  assert (Hs : forall t, member_sigma f t = polynomial p t) by (intros t; unfold member_sigma; now rewrite Ed, Ep).
  split; [now exists p|]. intros h Hh. rewrite forallb_forall in H. now apply (polynomial_facts_ok p (member_sigma f) Hs), H.
Qed.
End Members.

(** ** The point *)
Definition point_list (l : list decl) (p : point) : list Q :=
  List.concat (map (fun d => match find (d_name d) p with Some v => v | None => [] end) l).
Fixpoint table {A} (k : positive) (l : list A) (t : PM.t A) : PM.t A :=
  match l with [] => t | a :: l' => table (Pos.succ k) l' (PM.add k a t) end.
Definition lookup (t : PM.t Q) (i : positive) : Q := match PM.find i t with Some q => q | None => 0%Q end.
Definition vector (t : PM.t Q) : vec := fun i => Q2R (lookup t i).
Definition qrow (r : row) (t : PM.t Q) : Q := fold_right (fun e a => qadd (qmul (snd e) (lookup t (N.succ_pos (fst e)))) a) 0%Q (r_entries r).
Lemma qrow_ok r t : Q2R (qrow r t) = row_of r (vector t).
Proof.
  unfold qrow, row_of, rsum. induction (r_entries r) as [|e l IH]; cbn [fold_right map]; [apply Q2R_0|].
  rewrite qadd_ok, qmul_ok, IH. reflexivity.
Qed.
Fixpoint row_table (l : Expr.row) : PM.t Q :=
  match l with [] => PM.empty _ | (i, q) :: l' => let t := row_table l' in PM.add i (qadd q (lookup t i)) t end.
Lemma row_table_ok l i : Q2R (lookup (row_table l) i) = rowvec l i.
Proof.
  induction l as [|[j q] l IH]; cbn [row_table rowvec].
  - unfold lookup. rewrite PM.gempty. apply Q2R_0.
  - unfold lookup at 1, ebasis. destruct (Pos.eqb_spec i j) as [->|D].
    + rewrite PM.gss, qadd_ok, IH. ring.
    + rewrite PM.gso by exact D. fold (lookup (row_table l) i). rewrite IH. ring.
Qed.

(** C_i . grad F_c at the point, or along the family of points, in a number system *)
Definition tangent_value (K : Duals.germs) (m : model) (members : list (text * list Q)) (prog : Slp.prog) (theta : positive -> option (Duals.g_carrier K))
  (x : PM.t Q) (r : row) (o : positive) : option (Duals.g_carrier K) :=
  let d := row_table (scalar_row r) in
  match Duals.dual_run K theta (fun i => Duals.g_of_q K (lookup d i)) (fun i => Duals.g_of_q K (lookup x i)) (member_shape m) 1 prog (PM.empty _) with
  | Some t => match Duals.getT K t o with Some (_, e) => Some e | None => None end
  | None => None
  end.

(** the number of the witness, if everything is in order *)
Definition witness_value (K : Duals.germs) (theta : positive -> option (Duals.g_carrier K)) (m : model) (L : subspace) (w : witness)
  : option (Duals.g_carrier K) :=
  let x := table 1 (point_list (m_inputs m) (w_input w)) (PM.empty _) in
  if members_ok m (w_members w) && all_treated m (w_members w) then
    match nth_error (s_rows L) (N.to_nat (w_equation w)), nth_error (m_outputs m) (N.to_nat (fst (w_output w))),
           compile m (member_treatment m (w_members w)) with
     | Some r, Some n, Some (prog, outs) =>
       if Slp.wf_from 1 prog && N.ltb (snd (w_output w)) (size (shape_at m n)) then
       match nth_error outs (N.to_nat (fst (w_output w))) with
       | Some ps => match nth_error ps (N.to_nat (snd (w_output w))) with
         | Some o => tangent_value K m (w_members w) prog theta x r o
         | None => None end
       | None => None end
       else None
     | _, _, _ => None
     end
  else None.
Definition in_rows (L : subspace) (theta : PM.t Q) (c : row -> Q) : bool := forallb (fun r => qeqb (qrow r theta) (c r)) (s_rows L).

Theorem witness_value_sound K theta th m L w e :
  (forall i a, theta i = Some a -> Duals.g_stands K (fun t => th t i) a) ->
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  witness_value K theta m L w = Some e ->
  (forall r P, Duals.g_stands K r e -> Duals.near K P -> exists t, P t /\ r t <> 0) ->
  Duals.near K (fun t => in_subspace L (th t)) ->
  exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma.
Proof.
  intros Hth Hdef H Hgood HL. unfold witness_value in H. cbv zeta in H.
  set (x := table 1 (point_list (m_inputs m) (w_input w)) (PM.empty Q)) in *.
  destruct (members_ok m (w_members w) && all_treated m (w_members w)) eqn:Hm; [|easy]. apply andb_prop in Hm as [Hm Htr].
  destruct (nth_error (s_rows L) _) as [r|] eqn:Er; [|easy]. destruct (nth_error (m_outputs m) _) as [n|] eqn:En; [|easy].
  destruct (compile m _) as [[prog outs]|] eqn:Ec; [|easy]. destruct (Slp.wf_from 1 prog && _) eqn:W; [|easy]. apply andb_prop in W as [W Hi]. apply N.ltb_lt in Hi.
  destruct (nth_error outs _) as [ps|] eqn:Eps; [|easy]. destruct (nth_error ps _) as [o|] eqn:Eo; [|easy].
  unfold tangent_value in H. cbv zeta in H.
  destruct (Duals.dual_run K _ _ _ _ _ _ _) as [t|] eqn:Et; [|easy]. destruct (Duals.getT K t o) as [[v e']|] eqn:Ev; [|easy]. injection H as ->.
  set (mem := w_members w) in *. set (sigma := member_sigma m mem). set (s := member_s m mem). set (E := Slp.unroll prog).
  exists sigma. split; [now apply members_polynomial|].
  set (xv := vector x). set (d := rowvec (scalar_row r)).
  assert (C := fun u => compile_sound m _ prog outs Ec W s sigma u xv (member_treated m mem)).
  assert (D := Duals.dual_run_ok K _ _ _ (member_shape m) s d xv th Hth
    (fun i a Ha => eq_rect _ (fun z => Duals.g_stands K (fun _ => z) a) (Duals.g_of_q_ok K _ a Ha) _ (row_table_ok (scalar_row r) i))
    (fun i a Ha => Duals.g_of_q_ok K _ a Ha) (member_shapes m mem) E prog 1%positive (PM.empty _) t W (Slp.covers_unroll prog W) Et).
  destruct D as [D1 D2].
  { intros a v' d'. unfold Duals.getT. rewrite PM.gempty. discriminate. }
  { intros a Ha. lia. }
  assert (All : Duals.near K (fun u => forall a, (a < Slp.advance 1 prog)%positive -> smooth_at s (th u) xv (E a))).
  { cut (forall b, (b <= Slp.advance 1 prog)%positive -> Duals.near K (fun u => forall a, (a < b)%positive -> smooth_at s (th u) xv (E a))); [intros G; apply G; lia|].
    intros b. induction b as [|b IH] using Pos.peano_ind; intros Hb; [apply Duals.near_all; intros u a Ha; lia|].
    destruct (Duals.getT K t b) as [[v1 d1]|] eqn:Eb; [|apply D2 in Eb; [easy|lia]]. destruct (D1 b v1 d1 Eb) as (_ & _ & S).
    refine (Duals.near_imp K _ _ _ (Duals.near_and K _ _ (IH ltac:(lia)) S)). intros u [A B] a Ha. destruct (Pos.eq_dec a b) as [->|Dab]; [exact B|apply A; lia]. }
  destruct (D1 o v e Ev) as (_ & Hst & Hsm).
  destruct (Hgood _ _ Hst (Duals.near_and K _ _ HL (Duals.near_and K _ _ All Hsm))) as (u0 & (HLu & Allu & Hsmu) & Hne).
  clear Hst Hsm All HL Hgood D1 D2. cbv beta in HLu, Allu, Hsmu, Hne. set (thu := th u0) in *.
  assert (Reg : regular m sigma thu xv).
  { intros k sh a f ord i Hk Hi'.
    destruct (member_treatment m mem f) as [[J|c|c b J]|] eqn:Ef.
    - destruct (proj2 (C thu) k sh a f ord J i Hk Ef Hi') as (q1 & p1 & Hq & Hp).
      assert (Lq : (q1 < Slp.advance 1 prog)%positive).
      { destruct (Pos.ltb_spec q1 (Slp.advance 1 prog)) as [|Hge]; [assumption|]. exfalso.
        assert (Z : E q1 = ECst 0); [|unfold E in *; congruence].
        unfold E, Slp.unroll. clear -Hge. revert Hge. generalize 1%positive at 1 2 as nx.
        assert (G : forall p nx mm, (forall k, (nx <= k)%positive -> Slp.getE mm k = ECst 0) ->
          forall q, (Slp.advance nx p <= q)%positive -> Slp.getE (Slp.unroll_from nx mm p) q = ECst 0).
        { induction p as [|a p IH]; cbn; intros nx mm Hmm q Hq; [now apply Hmm|]. apply IH; [|exact Hq].
          intros k Hk. unfold Slp.getE. rewrite PM.gso by lia. apply Hmm. lia. }
        intros nx. apply G. intros k _. unfold Slp.getE. now rewrite PM.gempty. }
      assert (S := Allu q1 Lq). unfold E in S. rewrite Hq in S. cbn [smooth_at] in S. destruct S as [_ S].
      unfold E in Hp. rewrite Hp in S. exists (s J true (value m sigma thu xv a i)).
      assert (T := member_treated m mem f). unfold treated in T. rewrite Ef in T. destruct T as [T _]. fold s sigma in T. now rewrite <- T.
    - assert (T := member_treated m mem f). unfold treated in T. rewrite Ef in T. fold sigma in T.
      apply (ex_derive_ext (polynomial c)); [intros; symmetry; apply T|apply polynomial_derive].
    - exfalso. revert Ef. unfold member_treatment. destruct (find f (m_activations m)) as [[| | |]|]; try discriminate; destruct (position f _ 1); discriminate.
    - exfalso. unfold all_treated in Htr. rewrite forallb_forall in Htr.
      specialize (Htr _ (nth_error_In _ _ Hk)). cbv beta iota in Htr. fold mem in Htr. now rewrite Ef in Htr. }
  assert (Q : forall u, den E s u xv (regular m sigma u xv) o (F m sigma xv (fst (w_output w)) (snd (w_output w)) u)).
  { intros u. destruct (C u) as [C1 _]. destruct (forall2_nth _ _ _ _ _ C1 En) as (ps' & Hps' & C2).
    assert (ps' = ps) as -> by congruence. destruct (forall2_nth _ _ _ _ _ C2 (nth_error_upto _ _ Hi)) as (o' & Ho' & C3).
    assert (o' = o) as -> by congruence. unfold F, at_. now rewrite (nth_error_nth _ _ _ En). }
  assert (P : forall p, partial_p (F m sigma xv (fst (w_output w)) (snd (w_output w))) p thu = tanE s thu xv (ebasis (N.succ_pos p)) (E o)).
  { intros p. rewrite <- partial_tan_at by exact Hsmu. unfold partial_p. apply partial_ext. intros u. symmetry. apply Q. }
  exists thu, xv, (fst (w_output w)), (snd (w_output w)), r. split; [exact HLu|split; [exact Reg|split; [|split; [|split]]]].
  - exists n. auto.
  - intros p _. unfold ex_partial.
    apply (ex_derive_ext (fun t => evalE s (upd thu (N.succ_pos p) t) xv (E o))); [intros t'; apply Q|].
    eexists. now apply is_derive_partial_at.
  - eapply nth_error_In, Er.
  - assert (G : row_gradient r (F m sigma xv (fst (w_output w)) (snd (w_output w))) thu = tanE s thu xv d (E o)).
    { unfold d. rewrite <- dot_grad_at by exact Hsmu. rewrite dot_scalar_row. unfold row_gradient. apply rsum_ext. intros [p q] _. cbn [fst snd].
      rewrite P. unfold grad. now rewrite partial_tan_at by exact Hsmu. }
    rewrite G. exact Hne.
Qed.

Definition check_refutation (K : Duals.numbers) (good : Duals.carrier K -> bool) (m : model) (L : subspace) (w : witness) : bool :=
  let theta := table 1 (point_list (m_parameters m) (w_theta w)) (PM.empty _) in
  in_rows L theta r_constant
  && match witness_value (Duals.single K) (fun i => Duals.of_q K (lookup theta i)) m L w with Some v => good v | None => false end.
Theorem check_refutation_sound K good m L w :
  (forall r a, Duals.stands K r a -> good a = true -> r <> 0) ->
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  check_refutation K good m L w = true ->
  exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma.
Proof.
  intros Hgood Hdef. unfold check_refutation. cbv zeta. set (theta := table 1 _ _). intros H. apply andb_prop in H as [HL H].
  destruct (witness_value _ _ m L w) as [e|] eqn:Ew; [|easy].
  refine (witness_value_sound (Duals.single K) _ (fun _ => vector theta) m L w e _ Hdef Ew _ _).
  - intros i a Ha. exact (Duals.of_q_ok K _ a Ha).
  - intros r P Hr HP. exists tt. split; [exact HP|]. exact (Hgood _ e Hr H).
  - intros r' Hr'. unfold in_rows in HL. rewrite forallb_forall in HL. rewrite <- (qeqb_ok _ _ (HL r' Hr')). symmetry. apply qrow_ok.
Qed.

(** ** Methods *)
Definition check_rational (m : model) (L : subspace) (w : witness) (v : Q) : bool :=
  check_refutation Duals.rationals (fun a : Q => qeqb a v && negb (qzero a)) m L w.
Definition check_residue (m : model) (L : subspace) (w : witness) (p v : N) : bool :=
  match Z_lt_dec 1 (Z.of_N p) with
  | left H => check_refutation (Duals.residues (Z.of_N p) H) (fun a : Z => Z.eqb a (Z.of_N v) && negb (Z.eqb (a mod Z.of_N p) 0)) m L w
  | right _ => false
  end.
Theorem check_rational_sound m L w v :
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  check_rational m L w v = true -> exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma.
Proof.
  intros Hd. apply check_refutation_sound; [|exact Hd]. cbn [Duals.rationals Duals.carrier Duals.stands].
  intros r a -> H. apply andb_prop in H as [_ H]. apply qzero_false. now apply negb_true_iff.
Qed.
Theorem check_residue_sound m L w p v :
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  check_residue m L w p v = true -> exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma.
Proof.
  intros Hd. unfold check_residue. destruct (Z_lt_dec 1 (Z.of_N p)) as [Hp|]; [|easy].
  apply check_refutation_sound; [|exact Hd]. cbn [Duals.residues Duals.carrier Duals.stands].
  intros r a Hr H. apply andb_prop in H as [_ H]. apply (Duals.residue_nonzero _ Hp r a Hr).
  apply negb_true_iff, Z.eqb_neq in H. exact H.
Qed.

(** the enclosure lies between the stated bounds, which have one sign *)
Definition check_ball (m : model) (L : subspace) (w : witness) (a b : Q) : bool :=
  check_refutation Enclosure.intervals (fun i : Intervals.interval =>
    Intervals.qle a (fst i) && Intervals.qle (snd i) b && (Intervals.positive_q a || Intervals.positive_q (qopp b)) && Enclosure.excludes_zero i) m L w.
Theorem check_ball_sound m L w a b :
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  check_ball m L w a b = true -> exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma.
Proof.
  intros Hd. apply check_refutation_sound; [|exact Hd]. cbn [Enclosure.intervals Duals.carrier Duals.stands].
  intros r i Hr H. apply andb_prop in H as [_ H]. now apply (Enclosure.excludes_zero_ok r i).
Qed.
(** an enclosure that meets the stated interval and is not in it may be too wide here *)
Definition decide_ball (m : model) (L : subspace) (w : witness) (a b : Q) : option bool :=
  if check_ball m L w a b then Some true
  else
    let theta := table 1 (point_list (m_parameters m) (w_theta w)) (PM.empty _) in
    match witness_value (Duals.single Enclosure.intervals) (fun i => Some (Intervals.i_q (lookup theta i))) m L w with
    | Some i => if in_rows L theta r_constant && (Intervals.positive_q a || Intervals.positive_q (qopp b)) && Intervals.qle (fst i) b && Intervals.qle a (snd i)
                then None else Some false
    | None => Some false end.
Lemma decide_ball_true m L w a b : decide_ball m L w a b = Some true -> check_ball m L w a b = true.
Proof. unfold decide_ball. cbv zeta. destruct (check_ball m L w a b); [easy|]. destruct (witness_value _ _ _ _ _); [|easy]. now destruct (_ && _)%bool. Qed.
