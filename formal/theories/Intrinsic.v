(** * Intrinsic dynamics of factorisations: recoverable parameters, and relaxed balance of products of two matrices *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr.
From SimCert Require Slp Checks Lie Orbit Dimension Upper Orbits.
From SimCert Require Import Gram Injective.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Refute Risk Bounds Ranks.
Import ListNotations.
Local Open Scope list_scope.

(** ** The entries of φ as polynomials in the parameters *)
Fixpoint strip_mono (l : Poly.mono) : option Poly.mono :=
  match l with
  | [] => Some []
  | (v, e) :: l' => match v, strip_mono l' with (i~0~0)%positive, Some r => Some ((i, e) :: r) | _, _ => None end
  end.
Fixpoint strip (p : poly) : option poly :=
  match p with
  | [] => Some []
  | (mo, c) :: p' => match strip_mono mo, strip p' with Some mo, Some r => Some ((mo, c) :: r) | _, _ => None end
  end.
Definition entry_poly (sm : Checks.model) (outs : list (list positive)) (S : Slp.st) (M : positive) (e : N * N) : option poly :=
  match scalar_of outs (fst e) (snd e) with
  | Some o => match strip (Slp.getP (Slp.vals S) o) with Some q => if Lie.pvars_le M q then Some q else None | None => None end
  | None => None
  end.
Definition entry_polys (m : model) (sm : Checks.model) (outs : list (list positive)) : option (list poly) :=
  let S := Checks.run1 sm Lie.idL in all_some (entry_poly sm outs S (Checks.m_nparams sm)) (output_pairs m).

Local Open Scope R_scope.
Lemma strip_ok r u p : forall q, strip p = Some q -> (forall i, r (Slp.vT i) = u i) -> peval r p = peval u q.
Proof.
  intros q H E. revert q H. induction p as [|[mo c] p IH]; intros q H; cbn [strip] in H; [injection H as <-; reflexivity|].
  destruct (strip_mono mo) as [mo'|] eqn:Em; [|easy]. destruct (strip p) as [p'|]; [|easy]. injection H as <-. cbn [peval]. rewrite (IH p' eq_refl). do 2 f_equal.
  clear IH. revert mo' Em. induction mo as [|[v e] mo IHm]; intros mo' Em; cbn [strip_mono] in Em; [injection Em as <-; reflexivity|].
  destruct v as [v|[v|v|]|]; try easy. destruct (strip_mono mo) as [r'|]; [|easy]. injection Em as <-. cbn [meval]. rewrite (IHm r' eq_refl).
  now rewrite <- (E v).
Qed.
Lemma pvars_ext M q u u' : Lie.pvars_le M q = true -> (forall i, (i <= M)%positive -> u i = u' i) -> peval u q = peval u' q.
Proof.
  intros H E. unfold Lie.pvars_le in H. induction q as [|[mo c] q IH]; [reflexivity|]. cbn [forallb fst] in H. apply andb_prop in H as [Hm H]. cbn [peval].
  rewrite (IH H). do 2 f_equal. clear IH H. induction mo as [|[v e] mo IHm]; [reflexivity|]. cbn [forallb fst] in Hm. apply andb_prop in Hm as [Hv Hm]. cbn [meval].
  rewrite (IHm Hm), E; [reflexivity|]. now apply Pos.leb_le.
Qed.
Lemma all_some_ok {A B} (f : A -> option B) l : forall r, all_some f l = Some r -> Forall2 (fun a b => f a = Some b) l r.
Proof.
  induction l as [|a l IH]; intros r; cbn [all_some]; [intros [= <-]; constructor|]. destruct (f a) as [b|] eqn:E; [|easy]. destruct (all_some f l); [|easy].
  intros [= <-]. constructor; auto.
Qed.
Section Phi.
Variables (m : model) (assumptions : list (text * assumption)) (sm : Checks.model) (outs : list (list positive)).
Hypothesis Hs : scalar_model true m assumptions = Some (sm, outs).
Hypothesis Hdim : (0 < dimension m)%N.
Variable sigma : text -> R -> R.
Hypothesis Ha : admissible m assumptions sigma.
Let M := Checks.m_nparams sm.
Variable polys : list poly.
Hypothesis Hp : entry_polys m sm outs = Some polys.
Definition phi_is (e : N * N) (q : poly) : Prop := output_entry m (fst e) (snd e) /\ Lie.pvars_le M q = true /\ forall u, phi m sigma (fst e) (snd e) u = peval u q.
Lemma entry_polys_ok : Forall2 phi_is (output_pairs m) polys.
Proof.
  assert (G := all_some_ok _ _ _ Hp). assert (In_ : forall e, In e (output_pairs m) -> output_entry m (fst e) (snd e))
    by (intros [k i] H; now apply in_output_pairs). clear -G In_ Hs Hdim Ha M. revert In_. induction G as [|e q es qs E H IH]; intros In_; [constructor|].
  constructor; [|apply IH; intros; apply In_; now right].
  assert (O := In_ e (or_introl eq_refl)). split; [exact O|]. unfold entry_poly in E.
  destruct (output_scalar m assumptions sm outs true Hs (fst e) (snd e) O) as (o & Ho & Hin & So). rewrite Ho in E.
  destruct (strip _) as [q'|] eqn:Es; [|easy]. fold M in E. destruct (Lie.pvars_le M q') eqn:Ev; [|easy]. injection E as ->. split; [exact Ev|]. intros u.
  assert (W := scalar_wf m assumptions sm outs true Hs).
  assert (Par : Slp.parity_ok (scalar_s m assumptions sigma) (Checks.par_of sm)).
  { destruct (scalar_model_ok _ _ _ _ _ Hs) as (_ & -> & _). now apply scalar_par_ok. }
  unfold phi. rewrite (proj1 (So sigma Ha (fun _ => 0)) u).
  rewrite <- (Checks.run1_val sm Lie.idL _ Par W u (fun _ => 0) u (fun _ => 0) (Lie.idL_den u (fun _ => 0)) o Hin).
  apply (strip_ok _ u _ _ Es). intros i. reflexivity.
Qed.
Lemma phi_partial e q j u : phi_is e q -> partial (phi m sigma (fst e) (snd e)) j u = Lie.dh q u j.
Proof. intros (_ & _ & H). unfold Lie.dh. apply partial_ext. exact H. Qed.
Definition metric_poly (q q' : poly) : poly := psum (map (fun j => pmul (Lie.pderiv j q) (Lie.pderiv j q')) (Lie.plist M)).
Lemma metric_ok e e' q q' u : phi_is e q -> phi_is e' q' -> metric m sigma (fst e) (snd e) (fst e') (snd e') u = peval u (metric_poly q q').
Proof.
  intros H H'. unfold metric, metric_poly. rewrite psum_ok, map_map. apply (sum_ok m assumptions sm outs true Hs Hdim). intros p _. unfold partial_p.
  now rewrite (phi_partial _ _ _ _ H), (phi_partial _ _ _ _ H'), pmul_ok, !Lie.dh_ok.
Qed.
Lemma metric_ext e e' q q' u u' : phi_is e q -> phi_is e' q' -> (forall i, (i <= M)%positive -> u i = u' i) ->
  metric m sigma (fst e) (snd e) (fst e') (snd e') u = metric m sigma (fst e) (snd e) (fst e') (snd e') u'.
Proof.
  intros H H' E. unfold metric. apply rsum_ext. intros p Hpp. apply in_upto in Hpp.
  assert (K : forall f g, phi_is f g -> partial_p (phi m sigma (fst f) (snd f)) p u = partial_p (phi m sigma (fst f) (snd f)) p u').
  { intros f g Hf. unfold partial_p. rewrite !(phi_partial _ _ _ _ Hf). unfold Lie.dh, partial. rewrite (E (N.succ_pos p)) by now apply (index_lt m assumptions sm outs true Hs Hdim).
    apply Derive_ext. intros t. apply (pvars_ext M); [apply Hf|]. intros i Hi. unfold upd. destruct (Pos.eqb _ _); auto. }
  now rewrite (K _ _ H), (K _ _ H').
Qed.
Lemma entries_of_phi e : output_entry m (fst e) (snd e) -> exists q, In q polys /\ phi_is e q.
Proof.
  intros H. destruct e as [k i]. apply in_output_pairs in H. assert (F := entry_polys_ok). clear -H F. induction F as [|e q es qs E F IH]; [easy|].
  destruct H as [->|H]; [exists q; split; [now left|exact E]|]. destruct (IH H) as (q' & Hq & K). exists q'. split; [now right|exact K].
Qed.
Lemma equal_images u u' : (forall k i, output_entry m k i -> phi m sigma k i u = phi m sigma k i u') -> forall q, In q polys -> peval u q = peval u' q.
Proof.
  intros H q Hq. assert (F := entry_polys_ok). clear Hp. induction F as [|e r es qs E F IH]; [easy|]. destruct Hq as [->|Hq]; [|now apply IH].
  destruct E as (O & _ & E). rewrite <- !E. now apply H.
Qed.
End Phi.

(** ** The rank of ∂φ at the point: independent rows modulo a prime, and independent rational vectors that all rows annihilate *)
Definition rank_modulus : Z := 2147483647.
Definition axpy (c : Q) (r s : list Q) : list Q := map (fun xy => qadd (snd xy) (qmul c (fst xy))) (combine r s).
Definition reduce (basis : list (nat * list Q)) (row : list Q) : list Q :=
  fold_left (fun r b => let c := nth (fst b) r 0%Q in if qzero c then r else axpy (qopp c) (snd b) r) basis row.
Fixpoint first_nonzero (k : nat) (r : list Q) : option nat := match r with [] => None | q :: r' => if qzero q then first_nonzero (S k) r' else Some k end.
(** reduced rows with their pivots, and the numbers of the rows that are independent of those before them *)
Fixpoint echelon (rows : list (list Q)) (i : nat) (basis : list (nat * list Q)) (chosen : list nat) : list (nat * list Q) * list nat :=
  match rows with
  | [] => (basis, List.rev chosen)
  | r :: l =>
    let r := reduce basis r in
    match first_nonzero 0 r with
    | None => echelon l (S i) basis chosen
    | Some c =>
      let r := map (qmul (qred (Qinv (nth c r 0%Q)))) r in
      echelon l (S i) ((c, r) :: map (fun b => (fst b, axpy (qopp (nth c (snd b) 0%Q)) r (snd b))) basis) (i :: chosen)
    end
  end.
Definition kernel_vector (M : nat) (basis : list (nat * list Q)) (f : nat) : list Q :=
  map (fun j => if Nat.eqb j f then 1%Q else match List.find (fun b => Nat.eqb (fst b) j) basis with Some b => qopp (nth f (snd b) 0%Q) | None => 0%Q end) (seq 0 M).
Definition entry_at (v : list Q) (j : positive) : Q := nth (pred (Pos.to_nat j)) v 0%Q.
Fixpoint normals_checked (M : positive) (ns : list (positive * list Q)) : bool :=
  match ns with
  | [] => true
  | (c, v) :: l => Pos.leb c M && negb (qzero (entry_at v c)) && forallb (fun w => qzero (entry_at (snd w) c)) l && normals_checked M l
  end.
Definition qsum : list Q -> Q := fold_right qadd 0%Q.
Definition gradient_at (M : positive) (th : Checks.qvec) (q : poly) : list Q := map (fun j => Orbit.pevalQ th (Lie.pderiv j q)) (Lie.plist M).
Definition annihilates (M : positive) (v g : list Q) : bool := qzero (qsum (map (fun jx => qmul (entry_at v (fst jx)) (snd jx)) (combine (Lie.plist M) g))).
Definition check_rank (sm : Checks.model) (polys : list poly) (th : Checks.qvec) (rank : nat) : bool :=
  let M := Checks.m_nparams sm in
  let rows := map (gradient_at M th) polys in
  let (basis, chosen) := echelon rows 0 [] [] in
  let free := filter (fun f => negb (existsb (fun b => Nat.eqb (fst b) f) basis)) (seq 0 (Pos.to_nat M)) in
  let ns := map (fun f => (Pos.of_succ_nat f, kernel_vector (Pos.to_nat M) basis f)) free in
  let cols := map (fun j => Pos.of_succ_nat j) (filter (fun j => existsb (fun b => Nat.eqb (fst b) j) basis) (seq 0 (Pos.to_nat M))) in
  normals_checked M ns && forallb (fun n => forallb (annihilates M (snd n)) rows) ns
  && Nat.eqb (List.length ns + rank) (Pos.to_nat M) && Nat.eqb (List.length chosen) rank && forallb (fun k => Nat.ltb k (List.length polys)) chosen
  && match Upper.upper_det sm [] (map (fun k => nth k polys []) chosen) th rank_modulus cols with Some _ => true | None => false end.
Lemma normals_independent M ns : normals_checked M ns = true -> Dimension.Rlindep (Lie.plist M) (map (fun n j => Q2R (entry_at (snd n) j)) ns).
Proof.
  induction ns as [|[c v] l IH]; cbn [normals_checked map snd]; intros H; [intros [|] L; [constructor|easy]|].
  apply andb_prop in H as [[[H1 H2]%andb_prop H3]%andb_prop H4].
  apply (lindep_pivot R 0 1 Rplus Rmult Rminus Ropp Dimension.R_ring Dimension.R_integral _ _ _ c).
  - apply Lie.plist_in. now apply Pos.leb_le.
  - apply qzero_false. now apply negb_true_iff.
  - intros w Hw. apply in_map_iff in Hw as (n & <- & Hn). rewrite forallb_forall in H3. now apply qzero_ok, H3.
  - now apply IH.
Qed.
Lemma qsum_ok l : Q2R (qsum l) = lsum (map Q2R l).
Proof. induction l as [|a l IH]; [apply Q2R_0|]. change (qsum (a :: l)) with (qadd a (qsum l)). rewrite qadd_ok, IH. reflexivity. Qed.
Lemma annihilates_ok M th q v : annihilates M v (gradient_at M th q) = true ->
  Upper.Ipdot (Lie.plist M) (fun j => Q2R (entry_at v j)) (Lie.dh q (Checks.qv th)) = 0.
Proof.
  intros H. apply qzero_ok in H. rewrite qsum_ok, map_map in H. rewrite <- H. unfold Upper.Ipdot, gradient_at.
  assert (G : forall l, lsum (map (fun i => Q2R (entry_at v i) * Lie.dh q (Checks.qv th) i) l) =
    lsum (map (fun x => Q2R (qmul (entry_at v (fst x)) (snd x))) (combine l (map (fun j => Orbit.pevalQ th (Lie.pderiv j q)) l)))).
  { induction l as [|j l IH]; [reflexivity|]. cbn [map combine fst snd]. unfold lsum in *. cbn [fold_right]. rewrite <- IH, qmul_ok, Lie.dh_ok, Orbit.pevalQ_ok. reflexivity. }
  apply G.
Qed.

(** ** The claim without G *)
Definition check_numbers (m : model) (assumptions : list (text * assumption)) (laws : list law) (low : N) (p : point) (rank up : N) (lie : bounds_proof)
    (sm : Checks.model) (outs : list (list positive)) (polys : list poly) : bool :=
  let th := scalar_point m p in
  forallb (fun h => Upper.check_law_on sm [] (law_poly h)) laws && check_rank sm polys th (N.to_nat rank) &&
  match bound_below m sm outs (scalar_members m (b_members lie)) th (b_lower lie), bound_above m assumptions sm outs th (b_upper lie) with
  | Some a, Some b => Nat.eqb a (N.to_nat low) && Nat.eqb b (N.to_nat up)
  | _, _ => false
  end.
Section Claim.
Variables (m : model) (assumptions : list (text * assumption)) (members : list (text * list Q)) (sm : Checks.model) (outs : list (list positive)) (polys : list poly).
Hypothesis H0 : member_setup m assumptions members = true.
Hypothesis Hs : scalar_model true m assumptions = Some (sm, outs).
Hypothesis Hp : entry_polys m sm outs = Some polys.
Let sigma := member_sigma m members.
Let M := Checks.m_nparams sm.
Let Hdim := proj1 (setup_ok m assumptions members H0).
Let Ha : admissible m assumptions sigma := proj1 (proj2 (proj2 (proj2 (setup_ok m assumptions members H0)))).
Lemma gradients_of (es : list (N * N)) : (forall e, In e es -> output_entry m (fst e) (snd e)) -> forall u, exists qs, incl qs polys /\
  map (fun e j => partial (phi m sigma (fst e) (snd e)) j u) es = map (fun q => Lie.dh q u) qs.
Proof.
  intros H u. induction es as [|e es IH]; [exists []; split; [easy|reflexivity]|]. destruct IH as (qs & I & E); [intros; apply H; now right|].
  destruct (entries_of_phi m assumptions sm outs Hs sigma Ha polys Hp e) as (q & Hq & K); [apply H; now left|].
  exists (q :: qs). split; [intros x [<-|Hx]; auto|]. cbn [map]. rewrite E. f_equal. apply functional_extensionality. intros j. exact (phi_partial m sm sigma e q j u K).
Qed.
Lemma check_rank_sound th rank : check_rank sm polys th rank = true -> jacobian_rank m sigma (Checks.qv th) rank.
Proof.
  unfold check_rank. cbv zeta. fold M. destruct (echelon _ 0 [] []) as [basis chosen].
  match goal with |- context [normals_checked M ?x] => set (ns := x) end. intros H.
  apply andb_prop in H as [[[[[N1 N2]%andb_prop N3%Nat.eqb_eq]%andb_prop N4%Nat.eqb_eq]%andb_prop N5]%andb_prop N6].
  rewrite forallb_forall in N2, N5. split.
  - destruct (Upper.upper_det _ _ _ _ _ _) as [d|] eqn:Ed; [|easy]. assert (I := Orbits.laws_lindep _ _ _ _ _ _ Ed).
    assert (X : exists es, List.length es = List.length chosen /\ (forall e, In e es -> output_entry m (fst e) (snd e)) /\
      map (fun e j => partial (phi m sigma (fst e) (snd e)) j (Checks.qv th)) es = map (fun h => Lie.dh h (Checks.qv th)) (map (fun k => nth k polys []) chosen)).
    { clear I Ed N4 N6. induction chosen as [|k l IH]; [exists []; repeat split; easy|]. destruct IH as (es & L1 & L2 & L3); [intros; apply N5; now right|].
      assert (Hk : (k < List.length polys)%nat) by (apply Nat.ltb_lt, N5; now left).
      assert (F := entry_polys_ok m assumptions sm outs Hs sigma Ha polys Hp).
      assert (K : phi_is m sm sigma (nth k (output_pairs m) (0%N, 0%N)) (nth k polys [])).
      { clear -F Hk. revert k Hk. induction F as [|e q es qs E F IH]; intros [|k] Hk; cbn in *; try lia; [exact E|]. apply IH. lia. }
      exists (nth k (output_pairs m) (0%N, 0%N) :: es). split; [cbn; now rewrite L1|]. split; [intros e [<-|He]; [apply K|now apply L2]|].
      cbn [map]. rewrite L3. f_equal. apply functional_extensionality. intros j. exact (phi_partial m sm sigma _ _ j _ K). }
    destruct X as (es & L1 & L2 & L3). exists es. split; [now rewrite L1|]. split; [exact L2|].
    apply (independent_same m assumptions sm outs true Hs Hdim). rewrite L3. exact I.
  - intros es [O I]. apply (independent_same m assumptions sm outs true Hs Hdim) in I. destruct (gradients_of es O (Checks.qv th)) as (qs & Iq & E). rewrite E in I.
    assert (K := Upper.orthogonal_indep (Lie.plist M) _ _ (normals_independent M ns N1) I).
    assert (L : (List.length ns + List.length qs <= Pos.to_nat M)%nat).
    { assert (K' := Dimension.Rlindep_le _ _ (K ltac:(
        intros n v Hn Hv; apply in_map_iff in Hn as (n0 & <- & Hn); apply in_map_iff in Hv as (q & <- & Hq);
        apply annihilates_ok; specialize (N2 n0 Hn); rewrite forallb_forall in N2; apply N2; apply in_map; now apply Iq))).
      rewrite app_length, !map_length, Dimension.plist_length in K'. exact K'. }
    assert (Le : List.length es = List.length qs) by (apply (f_equal (@List.length _)) in E; now rewrite !map_length in E). lia.
Qed.
Lemma check_numbers_sound laws low p rank up lie : b_members lie = members -> check_numbers m assumptions laws low p rank up lie sm outs polys = true ->
  (exists d, lie_dimension m sigma (point_vector m p) d /\ (N.to_nat low <= d <= N.to_nat up)%nat) /\
  jacobian_rank m sigma (point_vector m p) (N.to_nat rank) /\ (forall h, In h laws -> conserved_for m h sigma).
Proof.
  unfold check_numbers. cbv zeta. intros Em H. apply andb_prop in H as [[H1 H2]%andb_prop H3]. rewrite forallb_forall in H1. rewrite Em in H3.
  assert (Eth : Checks.qv (scalar_point m p) = point_vector m p) by apply numbered_ok.
  destruct (bound_below _ _ _ _ _ _) as [a|] eqn:El; [|easy]. destruct (bound_above _ _ _ _ _ _) as [b|] eqn:Eu; [|easy].
  apply andb_prop in H3 as [->%Nat.eqb_eq ->%Nat.eqb_eq]. assert (Hd := proj1 (proj2 (proj2 (setup_ok m assumptions members H0)))).
  assert (Low := bound_below_sound _ _ _ H0 sm outs _ _ _ Hs El). assert (Up := bound_above_sound m assumptions sm outs Hs Hdim sigma Ha Hd _ _ _ Eu).
  rewrite Eth in *. split; [|split].
  - destruct (Dimension.lie_dim_exists sm (scalar_s m assumptions sigma) (point_vector m p)) as (d & [Dg Dl] & _).
    exists d. split; [apply (dimension_same m assumptions sm outs true Hs Hdim _ Ha); split; assumption|].
    split; [apply (Dimension.lie_ge_le _ _ _ _ _ Low Dl)|apply (Dimension.lie_ge_le _ _ _ _ _ Dg), Up].
  - rewrite <- Eth. now apply check_rank_sound.
  - intros h Hh. apply (law_conserved m assumptions sm outs true Hs Hdim); [|exact Ha]. now apply H1.
Qed.

(** ** Method recoverable *)
Definition check_recoverable (laws : list law) (th : Checks.qvec) (rows : list N) (p det : N) : bool :=
  let fs := map (fun k => nth (N.to_nat k) (polys ++ map law_poly laws) []) rows in
  forallb (fun k => Nat.ltb (N.to_nat k) (List.length (polys ++ map law_poly laws))) rows && Nat.eqb (List.length rows) (Pos.to_nat M)
  && forallb (Lie.pvars_le M) fs
  && match Upper.upper_det sm [] fs th (Z.of_N p) (Lie.plist M) with Some d => Z.eqb d (Z.of_N det) | None => false end.
Lemma check_recoverable_sound laws p rows q det : check_recoverable laws (scalar_point m p) rows q det = true ->
  exists eps, 0 < eps /\ function_of_image m sigma laws (point_vector m p)
    (fun theta => forall j, (j < dimension m)%N -> Rabs (entry theta j - entry (point_vector m p) j) < eps).
Proof.
  unfold check_recoverable. cbv zeta. set (all := polys ++ map law_poly laws). set (fs := map _ rows). intros H.
  apply andb_prop in H as [[[H1 H2%Nat.eqb_eq]%andb_prop H3]%andb_prop H4]. rewrite forallb_forall in H1, H3.
  destruct (Upper.upper_det _ _ _ _ _ _) as [d|] eqn:Ed; [|easy]. assert (I := Orbits.laws_lindep _ _ _ _ _ _ Ed). fold M in I.
  replace (Checks.qv (scalar_point m p)) with (point_vector m p) in I by (symmetry; apply numbered_ok).
  destruct (injective_near M fs (point_vector m p)) as (eps & Pe & G).
  - intros f u u' Hf E. now apply (pvars_ext M); [apply H3|].
  - exact I.
  - unfold fs. now rewrite map_length.
  - exists eps. split; [exact Pe|]. intros u u' Hu Hu' L L' E k i k' i' O O'.
    assert (S : forall j, (j <= M)%positive -> u j = u' j).
    { assert (C : forall w, (forall j, (j < dimension m)%N -> Rabs (entry w j - entry (point_vector m p) j) < eps) ->
        forall j, (j <= M)%positive -> Rabs (w j - point_vector m p j) < eps).
      { intros w Hw j Hj. apply (index_le m assumptions sm outs true Hs Hdim) in Hj. specialize (Hw _ Hj). unfold entry in Hw. now rewrite <- succ_pred in Hw. }
      apply G; [now apply C|now apply C|]. intros f Hf. apply in_map_iff in Hf as (k0 & <- & Hk). specialize (H1 k0 Hk). apply Nat.ltb_lt in H1.
      apply (nth_In all []) in H1. apply in_app_or in H1 as [H1|H1].
      - now apply (equal_images m assumptions sm outs Hs sigma Ha polys Hp).
      - apply in_map_iff in H1 as (h & Eh & Hh). rewrite <- Eh, !law_poly_ok. now rewrite L, L'. }
    destruct (entries_of_phi m assumptions sm outs Hs sigma Ha polys Hp (k, i) O) as (g & _ & K).
    destruct (entries_of_phi m assumptions sm outs Hs sigma Ha polys Hp (k', i') O') as (g' & _ & K').
    exact (metric_ext m assumptions sm outs Hs Hdim sigma (k, i) (k', i') g g' u u' K K' S).
Qed.
End Claim.
