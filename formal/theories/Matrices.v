(** * Symmetries with rational orthogonal matrices, by symbolic execution of the scalar program before and after. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive Permutation FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Checks Lie.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** Kronecker products over Q *)
Definition entry_q (a : option action) (i j : N) : Q :=
  match a with
  | None => if N.eqb i j then 1%Q else 0%Q
  | Some (Monomial p s) => if N.eqb (at_ p i 0%N) j then (if at_ s i false then (-1)%Q else 1%Q) else 0%Q
  | Some (Matrix rows) => at_ (at_ rows i []) j 0%Q
  end.
Fixpoint kronecker_q (shape : list N) (acts : list (option action)) (i j : N) : Q :=
  match shape, acts with
  | n :: s, a :: l => qmul (entry_q a (i / size s) (j / size s)) (kronecker_q s l (i mod size s) (j mod size s))
  | _, _ => 1%Q
  end.
Lemma kronecker_q_ok : forall shape acts i j, Q2R (kronecker_q shape acts i j) = kronecker shape acts i j.
Proof.
  assert (M1 : Q2R (-1) = -1) by (unfold Q2R; simpl; field).
  induction shape as [|n s IH]; destruct acts as [|a l]; intros i j; cbn [kronecker_q kronecker]; try apply Q2R_1.
  rewrite qmul_ok, IH. f_equal. destruct a as [[p u|rows]|]; cbn [entry_q action_entry]; [|reflexivity|].
  - destruct (N.eqb _ _); [|apply Q2R_0]. destruct (at_ u _ false); [exact M1|apply Q2R_1].
  - destruct (N.eqb _ _); [apply Q2R_1|apply Q2R_0].
Qed.

(** ** The linear map of a generator *)
Definition leaf_rows (m : model) (g : generator) : list (N * list (N * Q)) :=
  flat_map (fun kn => if leaf_b (snd kn) then
      let sh := shape_of (snd kn) in
      let acts := actions_at (g_actions g) (g_nodes g) sh (fst kn) in
      map (fun i => (leaf_index m (snd kn) i, map (fun j => (leaf_index m (snd kn) j, kronecker_q sh acts i j)) (nrange (size sh)))) (nrange (size sh))
    else []) (numbered (m_nodes m)).
Definition to_row (l : list (N * Q)) : Expr.row := map (fun e => (N.succ_pos (fst e), snd e)) l.
Definition matrix_of (m : model) (g : generator) : Checks.gmat := map (fun qr => (N.succ_pos (fst qr), to_row (snd qr))) (leaf_rows m g).
Lemma dot_to_row l v : dot (to_row l) v = rsum (fun e => Q2R (snd e) * entry v (fst e)) l.
Proof. unfold to_row, rsum. induction l as [|[p q] l IH]; cbn [map dot fst snd fold_right]; [reflexivity|]. now rewrite IH. Qed.
Lemma moves_rows m g theta theta' : moves m g theta theta' <->
  forall q l, In (q, l) (leaf_rows m g) -> entry theta' q = dot (to_row l) theta.
Proof.
  assert (G : forall k n i, rsum (fun e => Q2R (snd e) * entry theta (fst e))
      (map (fun j => (leaf_index m n j, kronecker_q (shape_of n) (actions_at (g_actions g) (g_nodes g) (shape_of n) k) i j)) (upto (size (shape_of n))))
    = rsum (fun j => kronecker (shape_of n) (actions_at (g_actions g) (g_nodes g) (shape_of n) k) i j * entry theta (leaf_index m n j)) (upto (size (shape_of n)))).
  { intros k n i. rewrite rsum_map. apply rsum_ext. intros j _. cbn [fst snd]. now rewrite kronecker_q_ok. }
  unfold leaf_rows. split.
  - intros H q l Hin. apply in_flat_map in Hin as ([k n] & Hn & Hin). cbn [fst snd] in Hin. apply in_numbered in Hn.
    destruct (leaf_b n) eqn:El; [|easy]. cbv zeta in Hin. rewrite !nrange_ok in Hin. apply in_map_iff in Hin as (i & [= <- <-] & Hi). apply in_upto in Hi.
    rewrite dot_to_row, G. rewrite (H (N.to_nat k) n Hn); [now rewrite N2Nat.id|now destruct n|exact Hi].
  - intros H k n Hn Hl i Hi. rewrite <- G, <- dot_to_row. apply H. apply in_flat_map. exists (N.of_nat k, n).
    split; [apply in_numbered; now rewrite Nat2N.id|]. cbn [fst snd]. assert (leaf_b n = true) as -> by now destruct n. cbv zeta. rewrite !nrange_ok.
    apply in_map_iff. exists i. split; [reflexivity|now apply in_upto].
Qed.

(** lengths are preserved, leaf by leaf, as an identity of polynomials *)
Definition norm_rows (l : list (N * list (N * Q))) : bool :=
  let rows := map (fun qr => psum (map (fun e => pscal (snd e) (pvar (N.succ_pos (fst e)))) (snd qr))) l in
  let ids := map (fun qr => pvar (N.succ_pos (fst qr))) l in
  peqb (psum (map (fun p => pmul p p) rows)) (psum (map (fun p => pmul p p) ids)).
(** the leaves move by an isometry of all parameters *)
Definition matrix_leaves (m : model) (g : generator) : bool :=
  let l := leaf_rows m g in
  permutation_ok (map fst l) && has_length l (dimension m) && N.ltb 0 (dimension m)
  && forallb (fun kn => negb (leaf_b (snd kn)) || norm_rows (firstn (N.to_nat (size (shape_of (snd kn))))
       (map (fun i => (leaf_index m (snd kn) i, map (fun j => (leaf_index m (snd kn) j,
          kronecker_q (shape_of (snd kn)) (actions_at (g_actions g) (g_nodes g) (shape_of (snd kn)) (fst kn)) i j)) (nrange (size (shape_of (snd kn))))))
        (nrange (size (shape_of (snd kn))))))) (numbered (m_nodes m)).
Definition check_matrix (m : model) (assumptions : list (text * assumption)) (g : generator) : bool :=
  match scalar_model true m assumptions with
  | Some (sm, _) => matrix_leaves m g && Checks.check_sym sm (matrix_of m g)
  | None => false
  end.

Lemma evalE_params s M e : Lie.params_le M e -> forall th th' x, (forall i, (i <= M)%positive -> th i = th' i) -> evalE s th x e = evalE s th' x e.
Proof.
  intros H th th' x E. induction e; cbn [evalE Lie.params_le] in *; auto.
  - destruct H. now rewrite IHe1, IHe2.
  - destruct H. now rewrite IHe1, IHe2.
  - now rewrite IHe.
Qed.
Lemma assoc_in {A} (l : list (N * A)) q a : NoDup (map fst l) -> In (q, a) l ->
  forall (B : Type) (f : A -> B), Checks.assoc (N.succ_pos q) (map (fun e => (N.succ_pos (fst e), f (snd e))) l) = Some (f a).
Proof.
  intros ND Hin B f. induction l as [|[p b] l IH]; [easy|]. cbn [map Checks.assoc fst snd]. inversion ND as [|? ? N1 N2]; subst.
  destruct Hin as [[= -> ->]|Hin]; [now rewrite Pos.eqb_refl|].
  destruct (Pos.eqb_spec (N.succ_pos q) (N.succ_pos p)) as [E|_]; [|now apply IH].
  exfalso. apply succ_pos_inj in E as ->. apply N1. now apply (in_map fst) in Hin.
Qed.

Section Leaves.
Variable m : model.
Variable g : generator.
Hypothesis H : matrix_leaves m g = true.
Lemma matrix_rows : Permutation (map fst (leaf_rows m g)) (upto (dimension m)) /\ (0 < dimension m)%N.
Proof.
  unfold matrix_leaves in H. cbv zeta in H. apply andb_prop in H as [[[H1 H2]%andb_prop H3]%andb_prop _]. apply N.ltb_lt in H3. apply has_length_ok in H2.
  apply permutation_ok_spec in H1. rewrite map_length, H2 in H1. auto.
Qed.
Lemma matrix_act theta q l : In (q, l) (leaf_rows m g) -> entry (Checks.gact (matrix_of m g) theta) q = dot (to_row l) theta.
Proof.
  intros Hin. assert (ND : NoDup (map fst (leaf_rows m g))) by (eapply Permutation_NoDup; [symmetry; apply matrix_rows|apply upto_nodup]).
  unfold entry, Checks.gact, matrix_of. now rewrite (assoc_in _ q l ND Hin _ to_row).
Qed.
Lemma matrix_total theta : exists theta', moves m g theta theta'.
Proof. exists (Checks.gact (matrix_of m g) theta). apply moves_rows. apply matrix_act. Qed.
Lemma matrix_norm theta theta' : moves m g theta theta' -> forall k n, nth_error (m_nodes m) k = Some n -> is_leaf n -> squared_norm m n theta' = squared_norm m n theta.
Proof.
  intros Hmv k n Hn Hl. unfold matrix_leaves in H. cbv zeta in H. apply andb_prop in H as [_ H4].
  rewrite forallb_forall in H4. specialize (H4 (N.of_nat k, n)). cbn [fst snd] in H4.
  assert (leaf_b n = true) as E by now destruct n. rewrite E in H4. cbn [negb orb] in H4.
  assert (HI : In (N.of_nat k, n) (numbered (m_nodes m))) by (apply in_numbered; now rewrite Nat2N.id). specialize (H4 HI).
  rewrite nrange_ok in H4. rewrite firstn_all2 in H4 by (rewrite map_length, upto_length; lia).
  unfold norm_rows in H4. cbv zeta in H4. apply (peqb_ok theta) in H4. rewrite !psum_ok, !map_map in H4. cbn [fst snd] in H4.
  unfold squared_norm, rsum. unfold lsum in H4.
  set (form := fun i => psum (map (fun e => pscal (snd e) (pvar (N.succ_pos (fst e)))) (map (fun j => (leaf_index m n j,
    kronecker_q (shape_of n) (actions_at (g_actions g) (g_nodes g) (shape_of n) (N.of_nat k)) i j)) (upto (size (shape_of n)))))) in *.
  transitivity (fold_right Rplus 0 (map (fun i : N => peval theta (pmul (form i) (form i))) (upto (size (shape_of n))))).
  - f_equal. apply map_ext_in. intros i Hi. apply in_upto in Hi. rewrite pmul_ok.
    assert (V : entry theta' (leaf_index m n i) = peval theta (form i)).
    { rewrite (Hmv k n Hn Hl i Hi). unfold form. rewrite psum_ok, !map_map. unfold lsum, rsum. f_equal. apply map_ext. intros j. cbn [fst snd].
      rewrite pscal_ok, pvar_ok, kronecker_q_ok. reflexivity. }
    now rewrite V.
  - etransitivity; [exact H4|]. f_equal. apply map_ext. intros i. rewrite pmul_ok, pvar_ok. reflexivity.
Qed.
(** the scalar program sees no more of the parameters than what moves *)
Lemma matrix_scalar all assumptions sm outs s theta theta' x o : scalar_model all m assumptions = Some (sm, outs) -> In o (Checks.m_outs sm) -> moves m g theta theta' ->
  evalE s theta' x (Checks.out sm o) = evalE s (Checks.gact (matrix_of m g) theta) x (Checks.out sm o).
Proof.
  intros Es Ho Hmv. destruct (scalar_model_ok _ _ _ _ _ Es) as (W & _). destruct matrix_rows as [H1 H3].
  apply (evalE_params _ (Checks.m_nparams sm)); [apply Lie.params_unroll; [exact W|now apply Checks.wf_out]|].
  assert (Np : Checks.m_nparams sm = N.succ_pos (N.pred (dimension m))).
  { revert Es. unfold scalar_model. destruct (compile _ _) as [[]|]; [|easy]. cbv zeta. match goal with |- (if ?b then _ else _) = _ -> _ => destruct b end; [|easy]. intros E0; injection E0; intros; subst; reflexivity. }
  intros j Hj. destruct (succ_pos_surj j) as [q ->]. rewrite Np in Hj.
  assert (Hq : (q < dimension m)%N) by (assert (A := N.succ_pos_spec q); assert (B := N.succ_pos_spec (N.pred (dimension m))); lia).
  assert (Hin : In q (map fst (leaf_rows m g))) by (eapply Permutation_in; [symmetry; exact H1|now apply in_upto]).
  apply in_map_iff in Hin as ([q' l] & <- & Hin). cbn [fst].
  rewrite moves_rows in Hmv. specialize (Hmv _ _ Hin). assert (A := matrix_act theta q' l Hin). unfold entry in *. now rewrite Hmv, A.
Qed.
End Leaves.

Theorem check_matrix_sound m assumptions g : check_matrix m assumptions g = true ->
  forall sigma, admissible m assumptions sigma -> symmetry_for m g sigma.
Proof.
  unfold check_matrix. destruct (scalar_model true m assumptions) as [[sm outs]|] eqn:Es; [|easy]. intros H sigma Ha.
  apply andb_prop in H as [H1 H5]. split; [now apply matrix_total|]. intros theta theta' Hmv. split; [exact (matrix_norm m g H1 theta theta' Hmv)|].
  intros x k i Hki. destruct (scalar_model_ok _ _ _ _ _ Es) as (W & Hpar & Hout). destruct (Hout k i Hki) as (o & _ & Ho & So).
  destruct (So sigma Ha x) as [HF _]. rewrite !HF.
  assert (Hp : Slp.parity_ok (scalar_s m assumptions sigma) (Checks.par_of sm)) by (rewrite Hpar; now apply scalar_par_ok).
  rewrite <- (Checks.check_sym_values sm (matrix_of m g) H5 _ Hp theta x o Ho). now apply (matrix_scalar m g H1 true assumptions sm outs).
Qed.

(** ** Fixed spaces of matrices: sparse elimination on linear forms *)
Fixpoint reduce (fuel : nat) (basis : list (positive * poly)) (p : poly) : poly :=
  match fuel, p with
  | S k, ([(v, xH)], c) :: _ =>
    match Checks.assoc v basis with
    | Some q => reduce k basis (psub p (pscal c q))
    | None => p
    end
  | _, _ => p
  end.
Definition extend (fuel : nat) (basis : list (positive * poly)) (p : poly) : list (positive * poly) :=
  match reduce fuel basis p with
  | (([(v, xH)], c) :: _) as r => (v, pscal (qred (Qinv c)) r) :: basis
  | _ => basis
  end.
Definition fixed_forms (m : model) (g : generator) : list poly :=
  map (fun qr => psub (psum (map (fun e => pscal (snd e) (pvar (N.succ_pos (fst e)))) (snd qr))) (pvar (N.succ_pos (fst qr)))) (leaf_rows m g).
Definition check_fixed_matrix (m : model) (gs : list generator) (L : subspace) : bool :=
  let leaves := subspace_leaves L in
  let leaf p := Checks.subst_leaf leaves (N.succ_pos p) in
  let fuel := S (N.to_nat (dimension m)) in
  forallb (fun g => forallb (fun qr => pis0 (psub (psum (map (fun e => pscal (snd e) (leaf (fst e))) (snd qr))) (leaf (fst qr)))) (leaf_rows m g)) gs
  && let basis := fold_left (extend fuel) (flat_map (fixed_forms m) gs) [] in
     forallb (fun r => qzero (r_constant r)
       && pis0 (reduce fuel basis (psum (map (fun e => pscal (snd e) (pvar (N.succ_pos (fst e)))) (r_entries r))))) (s_rows L).
Lemma peval_form (rho : positive -> R) l : peval rho (psum (map (fun e : N * Q => pscal (snd e) (pvar (N.succ_pos (fst e)))) l)) = rsum (fun e => Q2R (snd e) * entry rho (fst e)) l.
Proof. rewrite psum_ok, map_map. unfold lsum, rsum. f_equal. apply map_ext. intros e. rewrite pscal_ok, pvar_ok. reflexivity. Qed.
Section Reduce.
Variable rho : positive -> R.
Definition vanish (basis : list (positive * poly)) : Prop := forall v q, In (v, q) basis -> peval rho q = 0.
Lemma assoc_some {A} v (l : list (positive * A)) a : Checks.assoc v l = Some a -> In (v, a) l.
Proof. induction l as [|[w b] l IH]; cbn [Checks.assoc]; [easy|]. destruct (Pos.eqb_spec v w) as [->|]; [intros [= ->]; now left|intros H; right; auto]. Qed.
Lemma reduce_ok fuel basis : vanish basis -> forall p, peval rho (reduce fuel basis p) = peval rho p.
Proof.
  intros HB. induction fuel as [|k IH]; intros p; [reflexivity|]. cbn [reduce].
  destruct p as [|[[|[v [e|e|]] [|]] c] p]; try reflexivity. destruct (Checks.assoc v basis) as [q|] eqn:E; [|reflexivity].
  rewrite IH, psub_ok, pscal_ok, (HB v q (assoc_some _ _ _ E)). ring.
Qed.
Lemma extend_ok fuel basis p : vanish basis -> peval rho p = 0 -> vanish (extend fuel basis p).
Proof.
  intros HB Hp. unfold extend. assert (E := reduce_ok fuel basis HB p). rewrite Hp in E.
  destruct (reduce fuel basis p) as [|[[|[v [e|e|]] [|]] c] r]; try exact HB.
  intros w q [[= <- <-]|Hin]; [transitivity (Q2R (qred (Qinv c)) * 0); [rewrite <- E; apply pscal_ok|ring]|now apply (HB w)].
Qed.
End Reduce.
Theorem check_fixed_matrix_sound m gs L : check_fixed_matrix m gs L = true -> fixed_space_is m gs L.
Proof.
  unfold check_fixed_matrix. cbv zeta. intros H. apply andb_prop in H as [H1 H2]. intros theta. split.
  - intros Hth g Hg. apply moves_rows. intros q l Hin. rewrite forallb_forall in H1. specialize (H1 g Hg). rewrite forallb_forall in H1. specialize (H1 _ Hin).
    cbn [fst snd] in H1. set (rho := Slp.val theta theta (fun _ _ => 0)). apply (pis0_ok rho) in H1. rewrite psub_ok, psum_ok, map_map in H1.
    assert (X : forall p, peval rho (Checks.subst_leaf (subspace_leaves L) (N.succ_pos p)) = entry theta p) by (intros p0; apply subspace_leaves_ok; exact Hth).
    rewrite X in H1. rewrite dot_to_row. unfold rsum. unfold lsum in H1.
    assert (Y : fold_right Rplus 0 (map (fun e => peval rho (pscal (snd e) (Checks.subst_leaf (subspace_leaves L) (N.succ_pos (fst e))))) l)
      = fold_right Rplus 0 (map (fun e => Q2R (snd e) * entry theta (fst e)) l)) by (f_equal; apply map_ext; intros e; now rewrite pscal_ok, X).
    lra.
  - intros Hfix r Hr. rewrite forallb_forall in H2. specialize (H2 r Hr). apply andb_prop in H2 as [Hc H2].
    set (fuel := S (N.to_nat (dimension m))) in *.
    assert (B : vanish theta (fold_left (extend fuel) (flat_map (fixed_forms m) gs) [])).
    { assert (F0 : forall p, In p (flat_map (fixed_forms m) gs) -> peval theta p = 0).
      { intros p Hp. apply in_flat_map in Hp as (g & Hg & Hp). apply in_map_iff in Hp as ([q l] & <- & Hin). cbn [fst snd].
        rewrite psub_ok, peval_form, pvar_ok. assert (M := proj1 (moves_rows m g theta theta) (Hfix g Hg) q l Hin). rewrite dot_to_row in M. unfold entry in M at 1. lra. }
      assert (V0 : vanish theta []) by (intros v q []). clear H2. revert V0 F0. generalize (@nil (positive * poly)) as basis.
      induction (flat_map (fixed_forms m) gs) as [|p l IH]; cbn [fold_left]; intros basis V0 F0; [exact V0|].
      apply IH; [|intros; apply F0; now right]. apply extend_ok; [exact V0|apply F0; now left]. }
    apply (pis0_ok theta) in H2. rewrite (reduce_ok theta fuel _ B), peval_form in H2. rewrite (qzero_ok _ Hc). exact H2.
Qed.

(** ** The local rules of the format with matrices (no theorem needs them: they only decide what is called invalid) *)
Fixpoint same_q (a b : list Q) : bool := match a, b with [], [] => true | x :: a, y :: b => qeqb x y && same_q a b | _, _ => false end.
Definition dense (a : option action) (n : N) : list (list Q) := map (fun i => map (fun j => entry_q a i j) (nrange n)) (nrange n).
Definition same_action (n : N) (a b : option action) : bool := same_list same_q (dense a n) (dense b n).
Fixpoint same_actions (shape : list N) (a b : list (option action)) : bool :=
  match shape, a, b with
  | [], [], [] => true
  | n :: s, x :: a, y :: b => same_action n x y && same_actions s a b
  | _, _, _ => false
  end.
Definition is_matrix (a : option action) : bool := match a with Some (Matrix _) => true | _ => false end.
Definition occurrences (c : ascii) (l : list (text * list (option action))) : list (option action) :=
  flat_map (fun ta => match axis_of c (fst ta) (snd ta) with Some a => [a] | None => [] end) l.
Definition signs_of (a : option action) (n : N) : list bool :=
  match a with Some (Monomial _ s) => s | _ => map (fun _ => false) (nrange n) end.
Definition order_list (a : option action) (n : N) : list N := match a with Some (Monomial p _) => p | _ => nrange n end.
Definition letter_rule (n : N) (args out : list (option action)) : bool :=
  let all := args ++ out in
  if existsb is_matrix all then
    match args, out with
    | [a; b], [] => same_action n a b
    | [a], [b] => same_action n a b
    | _, _ => false
    end
  else
    match all with
    | a :: _ => forallb (fun b => same_list N.eqb (order_list a n) (order_list b n)) all
        && forallb (fun i => negb (fold_left (fun s b => xorb s (at_ (signs_of b n) i false)) all false)) (nrange n)
    | [] => true
    end.
Definition matrix_rule (m : model) (assumptions : list (text * assumption)) (acts : node -> N -> list (option action)) (k : N) (n : node) : bool :=
  let mine := acts n k in
  let arg a := acts (node_at m a) a in
  let free := fun l : list (option action) => negb (existsb is_matrix l) in
  match n with
  | NParameter _ _ | NInput _ _ => true
  | NStack _ _ => match mine with Some (Matrix _) :: _ => false | _ => true end
  | NConstant s _ => same_actions s mine (map (fun _ => None) s)
  | NAdd s args => forallb (fun a => same_actions s (arg a) mine) args
  | NContract s args terms out =>
    let all := combine terms (map arg args) in
    forallb (fun cn => letter_rule (snd cn) (occurrences (fst cn) all) (occurrences (fst cn) [(out, mine)]))
      (concat (map (fun ts => combine (fst ts) (snd ts)) (combine (out :: terms) (s :: map (shape_at m) args))))
  | NGather _ a _ | NScatter _ a _ => free (arg a) && free mine
  | NApply s a f _ =>
    match find f (m_activations m), find f assumptions with
    | Some (Polynomial [c; _]), Some Itself => if qzero c then same_actions s (arg a) mine else free (arg a) && free mine
    | _, _ => free (arg a) && free mine
    end
  end.
(** inputs and outputs may move too *)
Definition matrix_moves (m : model) (assumptions : list (text * assumption)) (g : generator) (extra : node_actions) : bool :=
  forallb (fun kn => matrix_rule m assumptions (acts_of m g extra) (fst kn) (snd kn)) (numbered (m_nodes m)).
Definition matrix_rules (m : model) (assumptions : list (text * assumption)) (g : generator) (extra : node_actions) : bool :=
  let acts n k := acts_of m g extra n k in
  matrix_moves m assumptions g extra
  && forallb (fun kn => match snd kn with NInput s _ => same_actions s (acts (snd kn) (fst kn)) (map (fun _ => None) s) | _ => true end) (numbered (m_nodes m))
  && forallb (fun o => same_actions (shape_at m o) (acts (node_at m o) o) (map (fun _ => None) (shape_at m o))) (m_outputs m).

(** ** Generators of either sort *)
Definition with_matrix (g : generator) : bool := existsb (fun a => is_matrix (Some a)) (g_actions g).
Definition check_generator (m : model) (assumptions : list (text * assumption)) (ge : generator * node_actions) : bool :=
  if with_matrix (fst ge) then matrix_rules m assumptions (fst ge) (snd ge) && check_matrix m assumptions (fst ge)
  else match check_equivariance m (known_of m assumptions) (fst ge) (snd ge) with Some _ => true | None => false end.
Lemma check_generator_sound m assumptions ge : check_generator m assumptions ge = true ->
  forall sigma, admissible m assumptions sigma -> symmetry_for m (fst ge) sigma.
Proof.
  unfold check_generator. intros H sigma Ha. destruct (with_matrix (fst ge)).
  - apply andb_prop in H as [_ H]. exact (check_matrix_sound m assumptions (fst ge) H sigma Ha).
  - destruct (check_equivariance m (known_of m assumptions) (fst ge) (snd ge)) as [t|] eqn:E; [|easy].
    apply equivariance_moving in E as [E He].
    exact (equivariance_symmetry m _ (fst ge) (snd ge) t E sigma (known_of_ok m assumptions sigma Ha) He).
Qed.
(** where a matrix occurs, the invariance of the fixed space is computed from the scalar program *)
Definition check_group (m : model) (assumptions : list (text * assumption)) (gs : list (generator * node_actions)) (L : option subspace) : bool :=
  forallb (check_generator m assumptions) gs &&
  match L with Some L => check_fixed_matrix m (map fst gs) L && check_identity true m assumptions L | None => true end.
Theorem check_group_sound m assumptions gs L : check_group m assumptions gs L = true ->
  (forall sigma, admissible m assumptions sigma -> forall g, In g (map fst gs) -> symmetry_for m g sigma) /\
  match L with
  | Some L => fixed_space_is m (map fst gs) L /\ forall sigma, admissible m assumptions sigma -> invariant_for m L sigma
  | None => True
  end.
Proof.
  unfold check_group. intros H. apply andb_prop in H as [H1 H2]. split.
  - intros sigma Ha g Hg. apply in_map_iff in Hg as (ge & <- & Hin). rewrite forallb_forall in H1.
    exact (check_generator_sound m assumptions ge (H1 ge Hin) sigma Ha).
  - destruct L as [L|]; [|exact I]. apply andb_prop in H2 as [H2 H3]. split; [now apply check_fixed_matrix_sound|].
    intros sigma. now apply (check_identity_sound true).
Qed.
